import type { Intrinsics } from '../../../msgs/camera/intrinsics.js';
import type { RigidTransform } from '../../../msgs/camera/rigid-transform.js';
import { DYNAMIC_CLASSES } from '../../losses/dynamic-masks.js';

export interface MaskSource {
  readonly labels: Uint8Array;
  readonly sourceFromTarget: RigidTransform;
}

/**
 * mu_t with known depth and poses. It is 0 where a pixel belongs to a dynamic class in the target or where it lies in one of
 * the sources, else 1.
 * @param labels trainIds of the target [H, W]. @param depthMeters [H, W]; what is not finite and positive is infinitely far.
 * @returns [H, W].
 * Source: SGDepth, eq. 7 and 8.
 */
export function tripletMask(
  labels: Uint8Array,
  depthMeters: Float32Array,
  sources: readonly MaskSource[],
  { width, height, intrinsics }: { width: number; height: number; intrinsics: Intrinsics },
): Float32Array {
  const { fx, fy, cx, cy } = intrinsics;
  const dynamic = Uint8Array.from({ length: 256 }, (_, id) => (DYNAMIC_CLASSES.includes(id) ? 1 : 0));
  const mask = Float32Array.from(labels, (label) => 1 - dynamic[label]);
  for (const { labels: there, sourceFromTarget: m } of sources) {
    for (let y = 0; y < height; y++) {
      const ry = (y - cy) / fy;
      for (let x = 0; x < width; x++) {
        const i = y * width + x;
        if (mask[i] === 0) continue;
        const rx = (x - cx) / fx;
        const w = depthMeters[i] > 0 ? 1 / depthMeters[i] : 0;
        const z = m[8] * rx + m[9] * ry + m[10] + w * m[11];
        if (!(z > 1e-3)) continue;
        const u = Math.round((fx * (m[0] * rx + m[1] * ry + m[2] + w * m[3])) / z + cx);
        const v = Math.round((fy * (m[4] * rx + m[5] * ry + m[6] + w * m[7])) / z + cy);
        if (u >= 0 && v >= 0 && u < width && v < height && dynamic[there[v * width + u]] === 1) mask[i] = 0;
      }
    }
  }
  return mask;
}
