import { DEPTH_COLORS } from '../../../../msgs/picture/depth-colors.js';
import { halfTable } from '../../preview/half-float.js';

/** Depth of every pattern of 16 bits. */
export const HALVES = halfTable();

/** +Inf: too far, as a rule the sky. */
const FAR_COLOR = [118, 138, 160] as const;

export interface DepthRange {
  readonly near: number;
  readonly far: number;
}

/** Range of metric depth, metres; fixed, so that colours do not flicker. */
export const METRIC_RANGE: DepthRange = { near: 3, far: 80 };

/** Where a depth lies on the scale, 1 (near, bright) to 0: as in `depthPicture`. */
export function scalePosition(depth: number, { near, far }: DepthRange): number {
  return Math.sqrt(Math.min(1, Math.max(0, (1 / depth - 1 / far) / (1 / near - 1 / far))));
}

/** Depth at a place of the scale. */
export function depthAt(position: number, { near, far }: DepthRange): number {
  return 1 / (position ** 2 * (1 / near - 1 / far) + 1 / far);
}

/** Colour of a depth in metres, 0 to 255 each: black for what is no depth, `FAR_COLOR` for +Infinity. */
export function depthColor(depth: number, range: DepthRange): readonly [number, number, number] {
  if (depth === Number.POSITIVE_INFINITY) return FAR_COLOR;
  if (!(depth > 0)) return [0, 0, 0];
  const index = Math.round(scalePosition(depth, range) * 255) * 3;
  return [DEPTH_COLORS[index] ?? 0, DEPTH_COLORS[index + 1] ?? 0, DEPTH_COLORS[index + 2] ?? 0];
}

/** Colour of every pattern of 16 bits, as ImageData has it. */
export function depthColorTable(range: DepthRange): Uint32Array {
  const table = new Uint32Array(65536);
  const bytes = new Uint8Array(table.buffer);
  for (let bits = 0; bits < table.length; bits++)
    bytes.set([...depthColor(HALVES[bits] ?? Number.NaN, range), 255], bits * 4);
  return table;
}

/** From the nearest to the 95th percentile of what is finite, for depth without metres. */
export function rangeOf(halves: Uint16Array): DepthRange {
  const finite = [];
  for (let i = 0; i < halves.length; i += 7) {
    const depth = HALVES[halves[i] ?? 0] ?? Number.NaN;
    if (depth > 0 && depth < Number.POSITIVE_INFINITY) finite.push(depth);
  }
  finite.sort((a, b) => a - b);
  const near = finite[Math.floor(finite.length * 0.02)] ?? 1;
  return { near, far: Math.max(finite[Math.floor(finite.length * 0.95)] ?? 2, near * 1.05) };
}
