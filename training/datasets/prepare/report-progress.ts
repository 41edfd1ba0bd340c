/** Least time between two lines, milliseconds. */
const EVERY_MS = 1000;

/**
 * Progress for people: a line at once, then at most one a second, and one at the end.
 * @returns to be called with how many of `total` are done.
 */
export function reportProgress(
  report: (line: string) => void,
  what: string,
  total: number,
): (complete: number) => void {
  const began = performance.now();
  let last = Number.NEGATIVE_INFINITY;
  let first: number | undefined;
  return (complete) => {
    first ??= complete;
    const now = performance.now();
    if (complete !== total && now - last < EVERY_MS) return;
    last = now;
    const rate = (complete - first) / ((now - began) / 1000);
    const left = rate > 0 && complete < total ? `, ${Math.ceil((total - complete) / rate)} s left` : '';
    report(`${what} ${complete}/${total}${left}`);
  };
}
