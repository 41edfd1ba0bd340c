import type { GreyLevel } from './grey-pyramid.js';

/**
 * Brightness between pixels, bilinearly; continues beyond the border with the border's values. For many positions at once:
 * V8 makes an object of every number that a call returns, and a frame has millions.
 * @param u, v the first `count` are read.
 * @param into gets the brightness, 0..255.
 */
export function sampleGrey(
  { width, height, data }: GreyLevel,
  count: number,
  u: Float64Array,
  v: Float64Array,
  into: Float64Array,
): void {
  const lastColumn = width - 1.001;
  const lastRow = height - 1.001;
  for (let i = 0; i < count; i++) {
    const x = Math.max(0, Math.min(lastColumn, u[i] as number));
    const y = Math.max(0, Math.min(lastRow, v[i] as number));
    const column = Math.floor(x);
    const row = Math.floor(y);
    const right = x - column;
    const at = row * width + column;
    const top = (data[at] as number) * (1 - right) + (data[at + 1] as number) * right;
    const bottom = (data[at + width] as number) * (1 - right) + (data[at + width + 1] as number) * right;
    into[i] = top + (bottom - top) * (y - row);
  }
}
