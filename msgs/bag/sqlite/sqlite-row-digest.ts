/**
 * A number for a set of rows with their times, in whatever order they come. The same rows give the same number, and a row
 * that is missing, or has another time, changes it but for one case in 2^32.
 */
export class RowDigest {
  count = 0;
  #sum = 0;

  add(rowId: number, timeNs: bigint): void {
    this.count += 1;
    const low = Number(BigInt.asUintN(32, timeNs));
    const high = Number(BigInt.asUintN(32, timeNs >> 32n));
    this.#sum = (this.#sum + mixed(mixed(mixed(rowId | 0) ^ low) ^ high)) | 0;
  }

  equals(other: RowDigest): boolean {
    return this.count === other.count && this.#sum === other.#sum;
  }
}

/** The finalizer of MurmurHash3: every bit of the result depends on every bit of `word`. */
function mixed(word: number): number {
  let hash = word ^ 0x9e3779b9;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
