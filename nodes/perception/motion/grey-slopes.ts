import type { GreyLevel } from './grey-pyramid.js';

/** Brightness and its slopes at many positions; the first so many of each as were asked for. */
export interface GreySlopes {
  /** 0..255 */
  readonly brightness: Float64Array;
  /** Brightness per pixel of the level, to the right and down. */
  readonly across: Float64Array;
  readonly down: Float64Array;
}

const made = new WeakMap<GreyLevel, Float32Array>();

/**
 * Brightness and slopes between pixels, bilinearly; continues beyond the border with the border's values.
 * @param u, v the first `count` are read.
 */
export function sampleSlopes(
  level: GreyLevel,
  count: number,
  u: Float64Array,
  v: Float64Array,
  { brightness, across, down }: GreySlopes,
): void {
  const { width, height } = level;
  const data = slopesOf(level);
  const lastColumn = width - 1.001;
  const lastRow = height - 1.001;
  const next = 3 * width;
  for (let i = 0; i < count; i++) {
    const x = Math.max(0, Math.min(lastColumn, u[i] as number));
    const y = Math.max(0, Math.min(lastRow, v[i] as number));
    const column = Math.floor(x);
    const row = Math.floor(y);
    const right = x - column;
    const below = y - row;
    const w11 = right * below;
    const w01 = right - w11;
    const w10 = below - w11;
    const w00 = 1 - right - w10;
    const at = 3 * (row * width + column);
    brightness[i] =
      w00 * (data[at] as number) +
      w01 * (data[at + 3] as number) +
      w10 * (data[at + next] as number) +
      w11 * (data[at + next + 3] as number);
    across[i] =
      w00 * (data[at + 1] as number) +
      w01 * (data[at + 4] as number) +
      w10 * (data[at + next + 1] as number) +
      w11 * (data[at + next + 4] as number);
    down[i] =
      w00 * (data[at + 2] as number) +
      w01 * (data[at + 5] as number) +
      w10 * (data[at + next + 2] as number) +
      w11 * (data[at + next + 5] as number);
  }
}

/** [H, W, 3] brightness and half the differences of the neighbours; made once for a picture, which is asked for often. */
function slopesOf(level: GreyLevel): Float32Array {
  let slopes = made.get(level);
  if (slopes === undefined) {
    slopes = differentiate(level);
    made.set(level, slopes);
  }
  return slopes;
}

function differentiate({ width, height, data }: GreyLevel): Float32Array {
  const slopes = new Float32Array(3 * width * height);
  for (let row = 0, at = 0; row < height; row++) {
    const up = row > 0 ? width : 0;
    const down = row < height - 1 ? width : 0;
    for (let column = 0; column < width; column++, at++) {
      const left = column > 0 ? 1 : 0;
      const right = column < width - 1 ? 1 : 0;
      slopes[3 * at] = data[at] as number;
      slopes[3 * at + 1] = ((data[at + right] as number) - (data[at - left] as number)) / 2;
      slopes[3 * at + 2] = ((data[at + down] as number) - (data[at - up] as number)) / 2;
    }
  }
  return slopes;
}
