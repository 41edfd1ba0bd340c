import type { Intrinsics } from '../../../msgs/camera/intrinsics.js';
import type { RigidTransform } from '../../../msgs/camera/rigid-transform.js';
import type { ComponentSamples } from './component-samples.js';

/** Where a component's samples lie in an earlier view if it stands still. */
export interface StaticPositions {
  /** Columns and rows; NaN behind the camera. */
  readonly u: Float32Array;
  readonly v: Float32Array;
  /** Camera z there. */
  readonly depth: Float32Array;
  readonly spread: Spread;
}

/** Middle and root mean square radius of positions, pixels, and their mean depth. */
export interface Spread {
  readonly u: number;
  readonly v: number;
  readonly radius: number;
  readonly depth: number;
}

/** Points nearer than this share of their depth in the later view are taken to lie behind the camera. */
const NEAREST = 0.02;

/**
 * Projects samples by their depth into another view.
 * @param depthFactor by which all depths are multiplied first: what an error of the depth would do.
 * Source: SGDepth, eq. 1.
 */
export function staticPositions(
  samples: ComponentSamples,
  { fx, fy, cx, cy }: Intrinsics,
  earlierFromLater: RigidTransform,
  depthFactor = 1,
): StaticPositions {
  const [m0, m1, m2, m3, m4, m5, m6, m7, m8, m9, m10, m11] = earlierFromLater as unknown as number[] & {
    length: 16;
  };
  const { count } = samples;
  const [u, v, depth] = [new Float32Array(count), new Float32Array(count), new Float32Array(count)];
  for (let i = 0; i < count; i++) {
    const d = (samples.depth[i] as number) * depthFactor;
    const x = (((samples.u[i] as number) - cx) / fx) * d;
    const y = (((samples.v[i] as number) - cy) / fy) * d;
    const z = (m8 as number) * x + (m9 as number) * y + (m10 as number) * d + (m11 as number);
    const visible = z > NEAREST * d;
    const across = (m0 as number) * x + (m1 as number) * y + (m2 as number) * d + (m3 as number);
    const down = (m4 as number) * x + (m5 as number) * y + (m6 as number) * d + (m7 as number);
    u[i] = visible ? (fx * across) / z + cx : Number.NaN;
    v[i] = visible ? (fy * down) / z + cy : Number.NaN;
    depth[i] = z;
  }
  return { u, v, depth, spread: spreadOf(u, v, depth) };
}

/** Spread of the positions in front of the camera; NaN where there are none. */
export function spreadOf(u: Float32Array, v: Float32Array, depth: Float32Array): Spread {
  let count = 0;
  let sumU = 0;
  let sumV = 0;
  let sumDepth = 0;
  let square = 0;
  for (let i = 0; i < u.length; i++) {
    if (Number.isNaN(u[i])) continue;
    count += 1;
    sumU += u[i] as number;
    sumV += v[i] as number;
    sumDepth += depth[i] as number;
  }
  const meanU = sumU / count;
  const meanV = sumV / count;
  for (let i = 0; i < u.length; i++) {
    if (Number.isNaN(u[i])) continue;
    const offU = (u[i] as number) - meanU;
    const offV = (v[i] as number) - meanV;
    square += offU * offU + offV * offV;
  }
  return { u: meanU, v: meanV, radius: Math.sqrt(square / count), depth: sumDepth / count };
}
