import type { Intrinsics } from '../../../msgs/camera/intrinsics.js';
import {
  composeTransforms,
  invertTransform,
  type RigidTransform,
} from '../../../msgs/camera/rigid-transform.js';
import { median } from '../../../vision/median.js';

/** How much the depth of a stream changes between frames where the world does not. */
export interface FlickerEvaluation {
  /** Pairs of frames that follow each other. */
  readonly pairs: number;
  /** Mean of |log(depth / depth of the frame before, seen from here)| over static pixels. */
  readonly flicker: number;
  /** Root mean square of the pairs' median of that logarithm: how much the scale jumps. */
  readonly scaleJitter: number;
}

export interface FlickerFrame {
  readonly height: number;
  readonly width: number;
  /** [height, width] metres. */
  readonly depthMeters: Float32Array;
  /** [height, width] not 0 where something may move; absent: nothing does. */
  readonly dynamic?: Uint8Array;
  readonly intrinsics: Intrinsics;
  /** Any frame that stands still, in metres. */
  readonly worldFromCamera: RigidTransform;
}

/** Every so many pixels of so many rows one is looked at. */
const STRIDE = 4;
/** What changes by more was hidden before, or is beside an edge. */
const MOST_CHANGE = 0.5;
const LEAST_PIXELS = 100;

/** Adds up how the depth changes from frame to frame along the warp of the camera's motion. */
export class FlickerTally {
  #before: FlickerFrame | undefined;
  #pairs = 0;
  #sum = 0;
  #squares = 0;

  /** The next frame does not follow the one before. */
  breakOff(): void {
    this.#before = undefined;
  }

  add(frame: FlickerFrame): void {
    const before = this.#before;
    this.#before = frame;
    if (before?.height !== frame.height || before.width !== frame.width) return;
    const changes = changesOf(frame, before);
    if (changes.length < LEAST_PIXELS) return;
    this.#pairs += 1;
    this.#sum += changes.reduce((sum, change) => sum + Math.abs(change), 0) / changes.length;
    this.#squares += median(changes) ** 2;
  }

  /** Undefined when no two frames follow each other. */
  result(): FlickerEvaluation | undefined {
    if (this.#pairs === 0) return undefined;
    return {
      pairs: this.#pairs,
      flicker: this.#sum / this.#pairs,
      scaleJitter: Math.sqrt(this.#squares / this.#pairs),
    };
  }
}

/** log(depth of the earlier frame / what this frame says it should be) at static pixels that both frames show. */
function changesOf(frame: FlickerFrame, before: FlickerFrame): number[] {
  const { height, width, depthMeters, dynamic } = frame;
  const { fx, fy, cx, cy } = frame.intrinsics;
  const t = composeTransforms(invertTransform(before.worldFromCamera), frame.worldFromCamera);
  const changes: number[] = [];
  for (let row = 0; row < height; row += STRIDE) {
    for (let column = 0; column < width; column += STRIDE) {
      const i = row * width + column;
      const z = depthMeters[i];
      if (!(z > 0 && z < Number.POSITIVE_INFINITY) || (dynamic?.[i] ?? 0) !== 0) continue;
      const x = ((column - cx) / fx) * z;
      const y = ((row - cy) / fy) * z;
      const there = t[8] * x + t[9] * y + t[10] * z + t[11];
      if (!(there > 0)) continue;
      const u = (fx * (t[0] * x + t[1] * y + t[2] * z + t[3])) / there + cx;
      const v = (fy * (t[4] * x + t[5] * y + t[6] * z + t[7])) / there + cy;
      const earlier = inverseAt(before, u, v);
      if (earlier === undefined) continue;
      const change = -Math.log(earlier * there);
      if (Math.abs(change) < MOST_CHANGE) changes.push(change);
    }
  }
  return changes;
}

/** Bilinear in inverse depth, which is linear across planes; undefined outside, or where not all four pixels are static and known. */
function inverseAt({ height, width, depthMeters, dynamic }: FlickerFrame, u: number, v: number) {
  const [column, row] = [Math.floor(u), Math.floor(v)];
  if (!(column >= 0 && row >= 0 && column < width - 1 && row < height - 1)) return undefined;
  let sum = 0;
  for (const [down, across] of CORNERS) {
    const i = (row + down) * width + column + across;
    const z = depthMeters[i];
    if (!(z > 0 && z < Number.POSITIVE_INFINITY) || (dynamic?.[i] ?? 0) !== 0) return undefined;
    sum += (down === 1 ? v - row : 1 - v + row) * (across === 1 ? u - column : 1 - u + column) * (1 / z);
  }
  return sum;
}

const CORNERS = [
  [0, 0],
  [0, 1],
  [1, 0],
  [1, 1],
] as const;
