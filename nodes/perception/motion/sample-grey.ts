import type { GreyLevel } from './grey-pyramid.js';

/** Brightness between pixels, bilinearly; continues beyond the border with the border's values. */
export function sampleGrey({ width, height, data }: GreyLevel, u: number, v: number): number {
  const x = u < 0 ? 0 : u > width - 1.001 ? width - 1.001 : u;
  const y = v < 0 ? 0 : v > height - 1.001 ? height - 1.001 : v;
  const column = Math.floor(x);
  const row = Math.floor(y);
  const right = x - column;
  const at = row * width + column;
  const top = (data[at] as number) * (1 - right) + (data[at + 1] as number) * right;
  const bottom = (data[at + width] as number) * (1 - right) + (data[at + width + 1] as number) * right;
  return top + (bottom - top) * (y - row);
}
