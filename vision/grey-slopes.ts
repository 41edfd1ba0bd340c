import type { GreyLevel } from './grey-pyramid.js';

/** Brightness and its slopes at many positions; the first so many of each as were asked for. */
export interface GreySlopes {
  /** 0..255 */
  readonly brightness: Float64Array;
  /** Brightness per pixel of the level, to the right and down. */
  readonly across: Float64Array;
  readonly down: Float64Array;
}

/**
 * Brightness and slopes between pixels, bilinearly; the slope at a pixel is half the difference of its neighbours. Continues
 * beyond the border with the border's values.
 * @param u, v the first `count` are read.
 */
export function sampleSlopes(
  { width, height, data }: GreyLevel,
  count: number,
  u: Float64Array,
  v: Float64Array,
  { brightness, across, down }: GreySlopes,
): void {
  const lastColumn = width - 1.001;
  const lastRow = height - 1.001;
  for (let i = 0; i < count; i++) {
    const x = Math.max(0, Math.min(lastColumn, u[i] as number));
    const y = Math.max(0, Math.min(lastRow, v[i] as number));
    const column = Math.floor(x);
    const row = Math.floor(y);
    const right = x - column;
    const below = y - row;
    // Weights of the four pixels around, and these.
    const w11 = right * below;
    const w01 = right - w11;
    const w10 = below - w11;
    const w00 = 1 - right - w10;
    const at = row * width + column;
    const under = at + width;
    const g00 = data[at] as number;
    const g01 = data[at + 1] as number;
    const g10 = data[under] as number;
    const g11 = data[under + 1] as number;
    brightness[i] = w00 * g00 + w01 * g01 + w10 * g10 + w11 * g11;
    // How far the neighbours beyond them are.
    const back = column > 0 ? 1 : 0;
    const on = column + 2 < width ? 2 : 1;
    const up = row > 0 ? width : 0;
    const deeper = row + 2 < height ? width : 0;
    across[i] =
      (w00 * (g01 - (data[at - back] as number)) +
        w01 * ((data[at + on] as number) - g00) +
        w10 * (g11 - (data[under - back] as number)) +
        w11 * ((data[under + on] as number) - g10)) /
      2;
    down[i] =
      (w00 * (g10 - (data[at - up] as number)) +
        w01 * (g11 - (data[at + 1 - up] as number)) +
        w10 * ((data[under + deeper] as number) - g00) +
        w11 * ((data[under + 1 + deeper] as number) - g01)) /
      2;
  }
}
