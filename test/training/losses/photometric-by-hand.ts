/** Pictures as plain numbers: by row, column and channel, 0..1. */
export type Grid = readonly (readonly (readonly number[])[])[];

/** A picture from a function of column, row and channel. */
export function gridOf(
  width: number,
  height: number,
  at: (x: number, y: number, channel: number) => number,
): Grid {
  return Array.from({ length: height }, (_, y) =>
    Array.from({ length: width }, (_, x) => [0, 1, 2].map((channel) => at(x, y, channel))),
  );
}

/** The picture as a camera sees it that has moved by whole pixels; beyond the border its last column goes on. */
export function shifted(grid: Grid, pixels: number): Grid {
  return grid.map((row) => row.map((_, x) => row[Math.min(row.length - 1, Math.max(0, x + pixels))] ?? []));
}

/** The term under the minimum of SGDepth's eq. 3, pixel by pixel from its definition. */
export function photometricErrors(a: Grid, b: Grid): number[] {
  const [height, width] = [a.length, a[0]?.length ?? 0];
  const mirror = (i: number, size: number) => (i < 0 ? -i : i >= size ? 2 * size - 2 - i : i);
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  return Array.from({ length: height * width }, (_, i) => {
    const [x, y] = [i % width, Math.floor(i / width)];
    const channels = [0, 1, 2].map((c) => {
      const patch = (grid: Grid) =>
        [-1, 0, 1].flatMap((dy) =>
          [-1, 0, 1].map((dx) => grid[mirror(y + dy, height)]?.[mirror(x + dx, width)]?.[c] ?? Number.NaN),
        );
      const [p, q] = [patch(a), patch(b)];
      const [mp, mq] = [mean(p), mean(q)];
      const covariance = (u: readonly number[], mu: number, v: readonly number[], mv: number) =>
        mean(u.map((value, k) => (value - mu) * ((v[k] ?? 0) - mv)));
      const ssim =
        ((2 * mp * mq + 1e-4) * (2 * covariance(p, mp, q, mq) + 9e-4)) /
        ((mp * mp + mq * mq + 1e-4) * (covariance(p, mp, p, mp) + covariance(q, mq, q, mq) + 9e-4));
      const difference = Math.abs((a[y]?.[x]?.[c] ?? 0) - (b[y]?.[x]?.[c] ?? 0));
      return 0.85 * Math.min(1, Math.max(0, (1 - ssim) / 2)) + 0.15 * difference;
    });
    return mean(channels);
  });
}
