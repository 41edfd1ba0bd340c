/** What light and weather make of an image's bytes, pixel by pixel: rgb' = rgb * gain + offset. */
export interface PictureLight {
  /** [H, W, 3]. */
  readonly gain: Float32Array;
  /** [H, W, 3], 0..255. */
  readonly offset: Float32Array;
}

/** Light that changes nothing. */
export function plainLight(pixels: number): PictureLight {
  return { gain: new Float32Array(pixels * 3).fill(1), offset: new Float32Array(pixels * 3) };
}

/** Lets `factor` of what is there pass at pixel i and adds `r`, `g`, `b` (0..255): haze, glare, reflections. */
export function veil(
  { gain, offset }: PictureLight,
  i: number,
  factor: number,
  [r, g, b]: readonly [number, number, number],
  share = 1,
): void {
  const o = i * 3;
  gain[o] *= factor;
  gain[o + 1] *= factor;
  gain[o + 2] *= factor;
  offset[o] = offset[o] * factor + r * share;
  offset[o + 1] = offset[o + 1] * factor + g * share;
  offset[o + 2] = offset[o + 2] * factor + b * share;
}

/** Multiplies what is there at pixel i by a factor a channel: shade, albedo. */
export function dim(
  { gain, offset }: PictureLight,
  i: number,
  r: number,
  g: number = r,
  b: number = r,
): void {
  const o = i * 3;
  gain[o] *= r;
  gain[o + 1] *= g;
  gain[o + 2] *= b;
  offset[o] *= r;
  offset[o + 1] *= g;
  offset[o + 2] *= b;
}
