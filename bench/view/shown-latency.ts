import type { DrawnDepth } from './browser-viewer.js';

/** Milliseconds from publishing a depth image to the browser's drawing it, and to its next turn of painting. */
export interface ShownLatency {
  readonly drawnMs: readonly number[];
  readonly paintedMs: readonly number[];
}

/** @param published Date.now() by log time. An image that was published before the round began is left out. */
export function shownLatency(
  published: ReadonlyMap<string, number>,
  drawn: readonly DrawnDepth[],
): ShownLatency {
  const known = drawn.flatMap(({ timeNs, drawnMs, paintedMs }) => {
    const from = published.get(timeNs);
    return from === undefined || drawnMs < from
      ? []
      : [{ drawnMs: drawnMs - from, paintedMs: paintedMs - from }];
  });
  return { drawnMs: known.map((one) => one.drawnMs), paintedMs: known.map((one) => one.paintedMs) };
}

/** Median, 95th and 99th percentile, whole milliseconds. */
export function latencyQuantiles(values: readonly number[]): number[] {
  const sorted = [...values].sort((a, b) => a - b);
  return [0.5, 0.95, 0.99].map((share) =>
    Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN),
  );
}
