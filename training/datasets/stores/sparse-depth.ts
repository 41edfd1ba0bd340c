/** True depths at some pixels of an image; the arrays have one entry a pixel. */
export interface SparseDepth {
  readonly height: number;
  readonly width: number;
  /** Column and row of the pixel, inside the image. */
  readonly columns: Uint16Array;
  readonly rows: Uint16Array;
  /** Camera z, metres, finite and positive. */
  readonly depthMeters: Float32Array;
}

/** The finite, positive depths of a dense depth image [height, width] (sky is +Infinity and so no truth). */
export function sparseFromDense(depthMeters: Float32Array, height: number, width: number): SparseDepth {
  let count = 0;
  for (const depth of depthMeters) if (depth > 0 && depth < Number.POSITIVE_INFINITY) count++;
  const result = {
    height,
    width,
    columns: new Uint16Array(count),
    rows: new Uint16Array(count),
    depthMeters: new Float32Array(count),
  };
  let next = 0;
  for (let i = 0; i < depthMeters.length; i++) {
    const depth = depthMeters[i] ?? Number.NaN;
    if (!(depth > 0 && depth < Number.POSITIVE_INFINITY)) continue;
    result.columns[next] = i % width;
    result.rows[next] = Math.floor(i / width);
    result.depthMeters[next++] = depth;
  }
  return result;
}
