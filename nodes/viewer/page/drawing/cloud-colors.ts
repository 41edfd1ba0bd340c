import { CLOUD_UNIT_METERS, NO_POINT, type WireClass } from '../../page-protocol.js';
import type { Frame } from '../store.js';
import { depthColor, METRIC_RANGE } from './depth-scale.js';

export const CLOUD_COLORS = ['picture', 'label', 'depth', 'moving'] as const;
export type CloudColor = (typeof CLOUD_COLORS)[number];

export interface CloudArrays {
  /** x right, y up, z towards the viewer; metres. */
  readonly positions: Float32Array;
  readonly colors: Uint8Array;
  readonly count: number;
}

/**
 * The points of a cloud as they are drawn.
 * @param moving mask over the same picture, for `moving`
 */
export function cloudArrays(
  { head, payload }: Frame,
  by: CloudColor,
  { classes, moving }: { readonly classes: readonly WireClass[]; readonly moving: Frame | undefined },
): CloudArrays {
  const { width, height } = head;
  const total = width * height;
  const xyz = new Int16Array(payload.buffer, payload.byteOffset, total * 3);
  const own = payload.subarray(total * 6);
  const positions = new Float32Array(total * 3);
  const colors = new Uint8Array(total * 3);
  let count = 0;
  for (let i = 0; i < total; i++) {
    const x = xyz[i * 3] ?? NO_POINT;
    if (x === NO_POINT) continue;
    const z = (xyz[i * 3 + 2] ?? 0) * CLOUD_UNIT_METERS;
    positions[count * 3] = x * CLOUD_UNIT_METERS;
    positions[count * 3 + 1] = -(xyz[i * 3 + 1] ?? 0) * CLOUD_UNIT_METERS;
    positions[count * 3 + 2] = -z;
    const picture = own.subarray(i * 4, i * 4 + 3);
    let color: ArrayLike<number> = picture;
    if (by === 'label') color = classes[own[i * 4 + 3] ?? 255]?.color ?? [128, 128, 128];
    else if (by === 'depth') color = depthColor(z, METRIC_RANGE);
    else if (by === 'moving') color = moves(moving, i, head) ? [255, 176, 0] : dimmed(picture);
    colors.set(color, count * 3);
    count += 1;
  }
  return { positions, colors, count };
}

function moves(
  moving: Frame | undefined,
  index: number,
  { width, height, organised }: Frame['head'],
): boolean {
  if (moving === undefined || organised !== true) return false;
  const x = Math.floor((((index % width) + 0.5) / width) * moving.head.width);
  const y = Math.floor(((Math.floor(index / width) + 0.5) / height) * moving.head.height);
  return (moving.payload[y * moving.head.width + x] ?? 0) > 0;
}

function dimmed(color: Uint8Array): readonly number[] {
  const grey = ((color[0] ?? 0) + (color[1] ?? 0) + (color[2] ?? 0)) / 3;
  return [grey * 0.55, grey * 0.65, grey * 0.8];
}
