/**
 * The value that would stand at place `n` if the first `count` values were sorted. What does not matter stays unsorted, which
 * takes a tenth of the time. Reorders them, so that what is smaller stands before it.
 * @param values the first `count` are numbers other than NaN. @param n 0..count - 1.
 * Source: Hoare 1961, algorithm 65, "Find".
 */
export function nthSmallest(values: Float32Array, count: number, n: number): number {
  let low = 0;
  let high = count - 1;
  while (low < high) {
    const pivot = values[n] as number;
    let left = low;
    let right = high;
    do {
      while ((values[left] as number) < pivot) left++;
      while ((values[right] as number) > pivot) right--;
      if (left > right) break;
      const swapped = values[left] as number;
      values[left++] = values[right] as number;
      values[right--] = swapped;
    } while (left <= right);
    if (right < n) low = left;
    if (left > n) high = right;
  }
  return values[n] as number;
}
