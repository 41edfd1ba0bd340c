import type { RigidTransform } from '../../../msgs/camera/rigid-transform.js';
import type { DepthFactors } from './depth-factors.js';
import type { UnposedView } from './ego-motion.js';
import { KIND } from './motion-view.js';

/** Pixels of the view between two nodes. */
const STEP = 2;
/** Share of the earlier frames in a depth that they agree with fully, at equal confidence, and at most. */
const MEMORY = 0.65;
const MOST_MEMORY = 0.85;
/** Depths whose logarithms differ by more have nothing to do with each other: hidden, moved, or mistaken. */
const TOLERANCE = 0.4;
/** Inverse depth is linear across a plane: a bend of this share within two nodes is an edge. */
const EDGE = 0.2;

/** What is kept of a frame: its stabilised depth at the nodes. */
interface Kept {
  readonly height: number;
  readonly width: number;
  /** [height, width] 1 / depth; 0 where there is none, or where things may move. */
  readonly inverse: Float32Array;
  /** [height, width] 1 beside an edge of the frame's own depth. */
  readonly edges: Uint8Array;
  /** [height, width] 0..1; absent where the model does not tell. */
  readonly confidence?: Float32Array;
}

/**
 * Steadies the depth of a stream. Each frame's is drawn towards that of the frames before it, warped by the camera's motion,
 * where the two agree. Nothing is carried over where people and vehicles are, across edges of either depth, where something
 * was hidden, or where the camera's motion is unknown. It is less where the frame itself is more confident than the one
 * before.
 *
 * The result is a factor for each pixel and not another depth: edges stay those of the frame itself.
 */
export class DepthStabilizer {
  #kept: Kept | undefined;

  reset(): void {
    this.#kept = undefined;
  }

  /**
   * @param view depth in a unit that does not change from frame to frame.
   * @param earlierFromLater the camera's motion since the frame before; undefined where it is unknown: all begins anew.
   */
  stabilize(view: UnposedView, earlierFromLater: RigidTransform | undefined): DepthFactors {
    const [height, width] = [Math.ceil(view.height / STEP), Math.ceil(view.width / STEP)];
    const own = nodesOf(view, height, width);
    const before = this.#kept;
    const values = new Float32Array(height * width).fill(1);
    if (before?.height === height && before.width === width && earlierFromLater !== undefined) {
      findFactors(view, own, before, earlierFromLater, values);
      for (let i = 0; i < values.length; i++)
        own.inverse[i] = (own.inverse[i] as number) / (values[i] as number);
    }
    this.#kept = own;
    // The middle of pixel 0 is node 0; the picture begins half a pixel before.
    const [left, top] = [-0.5 / STEP, -0.5 / STEP];
    return {
      height,
      width,
      values,
      left,
      top,
      nodesAcross: view.width / STEP,
      nodesDown: view.height / STEP,
    };
  }
}

function nodesOf(
  { depth, kinds, confidence, width: columns }: UnposedView,
  height: number,
  width: number,
): Kept {
  const inverse = new Float32Array(height * width);
  const trust = confidence && new Float32Array(height * width);
  for (let row = 0, i = 0; row < height; row++) {
    let at = row * STEP * columns;
    for (let column = 0; column < width; column++, i++, at += STEP) {
      const z = depth[at] as number;
      // Infinity becomes 0 by itself; NaN must not.
      inverse[i] = z > 0 && kinds[at] === KIND.none ? 1 / z : 0;
      if (trust && confidence) trust[i] = (confidence[at] as number) / 255;
    }
  }
  return {
    height,
    width,
    inverse,
    edges: edgesOf(inverse, height, width),
    ...(trust && { confidence: trust }),
  };
}

function edgesOf(inverse: Float32Array, height: number, width: number): Uint8Array {
  const edges = new Uint8Array(height * width);
  for (let row = 1; row < height - 1; row++) {
    for (let i = row * width + 1; i < (row + 1) * width - 1; i++)
      if (isEdge(inverse, i, 1) || isEdge(inverse, i, width)) edges[i] = 1;
  }
  return edges;
}

/** Writes a factor for each node at which the earlier depth says something. */
function findFactors(
  { intrinsics }: UnposedView,
  own: Kept,
  before: Kept,
  earlierFromLater: RigidTransform,
  values: Float32Array,
): void {
  const { height, width, inverse, edges } = own;
  const [fx, fy] = [intrinsics.fx / STEP, intrinsics.fy / STEP];
  const [cx, cy] = [intrinsics.cx / STEP, intrinsics.cy / STEP];
  const [r0, r1, r2, tx, r4, r5, r6, ty, r8, r9, r10, tz] =
    earlierFromLater as unknown as readonly number[] & {
      length: 12;
    };
  for (let row = 1; row < height - 1; row++) {
    const y = (row - cy) / fy;
    for (let column = 1; column < width - 1; column++) {
      const i = row * width + column;
      const w = inverse[i] as number;
      if (w === 0 || edges[i] === 1) continue;
      const x = (column - cx) / fx;
      // Of the point over its depth: the earlier z is qz / w.
      const qz = (r8 as number) * x + (r9 as number) * y + (r10 as number) + w * (tz as number);
      if (!(qz > 0)) continue;
      const u =
        (fx * ((r0 as number) * x + (r1 as number) * y + (r2 as number) + w * (tx as number))) / qz + cx;
      const v =
        (fy * ((r4 as number) * x + (r5 as number) * y + (r6 as number) + w * (ty as number))) / qz + cy;
      if (!(u >= 0 && v >= 0 && u < width - 1 && v < height - 1)) continue;
      const earlier = sampled(before, u, v);
      if (earlier === 0) continue;
      // The earlier depth over what this frame's depth would have been there.
      const change = Math.log(w / (qz * earlier));
      const distance = change / TOLERANCE;
      if (!(Math.abs(distance) < 1)) continue;
      const agreement = (1 - distance * distance) ** 2;
      const memory = MEMORY * balance(own, before, i, Math.round(v) * width + Math.round(u));
      values[i] = Math.exp(Math.min(MOST_MEMORY, memory) * agreement * change);
    }
  }
}

/** 1 at equal confidence, towards 2 where the earlier frame was sure and this one is not, towards 0 the other way round. */
function balance(own: Kept, before: Kept, i: number, there: number): number {
  const now = own.confidence?.[i];
  const then = before.confidence?.[there];
  if (now === undefined || then === undefined || !(now + then > 0)) return 1;
  return (2 * then) / (now + then);
}

function isEdge(inverse: Float32Array, i: number, step: number): boolean {
  const own = inverse[i] as number;
  const bend = (inverse[i - step] as number) + (inverse[i + step] as number) - 2 * own;
  return Math.abs(bend) > EDGE * own;
}

/** Bilinear between four nodes of one surface; 0 where they are none, or not all there. */
function sampled({ inverse, edges, width }: Kept, u: number, v: number): number {
  const [column, row] = [Math.floor(u), Math.floor(v)];
  const at = row * width + column;
  const [a, b] = [inverse[at] as number, inverse[at + 1] as number];
  const [c, d] = [inverse[at + width] as number, inverse[at + width + 1] as number];
  if (a === 0 || b === 0 || c === 0 || d === 0) return 0;
  if ((edges[at] as number) + (edges[at + 1] as number) > 0) return 0;
  if ((edges[at + width] as number) + (edges[at + width + 1] as number) > 0) return 0;
  const [p, q] = [u - column, v - row];
  return (1 - q) * ((1 - p) * a + p * b) + q * ((1 - p) * c + p * d);
}
