import type { Intrinsics } from '../../../msgs/camera/intrinsics.js';
import {
  composeTransforms,
  identityTransform,
  invertTransform,
  type RigidTransform,
} from '../../../msgs/camera/rigid-transform.js';
import { greyPyramid } from '../../../vision/grey-pyramid.js';
import type { FrameMaps } from '../engine/frame-maps.js';
import type { DepthFactors } from './depth-factors.js';
import { DepthStabilizer } from './depth-stabilizer.js';
import { dynamicInEither } from './dynamic-in-either.js';
import { dynamicOverlap } from './dynamic-overlap.js';
import { type EgoMotion, fitEgoMotion, type UnposedView } from './ego-motion.js';
import type { JudgedComponent } from './judged-component.js';
import { KIND, type MotionView } from './motion-view.js';
import { MovingJudge } from './moving-judge.js';

/** One frame for the tracker. */
export interface TrackedFrame {
  readonly stampNs: bigint;
  readonly maps: FrameMaps;
  /** In pixels of the maps. */
  readonly intrinsics: Intrinsics;
  /** Factor that is in the depth already. */
  readonly scale: number;
}

/** The parts of the dynamic classes that a frame shows, in a world that stands still. */
export interface FollowedFrame {
  /** Lengths in the model's own unit. */
  readonly view: MotionView;
  readonly components: readonly JudgedComponent[];
  /** [H, W] to be filled with the ids of what owns the pixels. */
  readonly owners: Int32Array;
  /** Whether the frames before have nothing to do with this one. */
  readonly begins: boolean;
}

/** What the frames up to this one say about it. */
export interface TrackedMotion {
  /** [H, W] 255 where a dynamic-class component is judged to move. */
  readonly moving: Uint8Array;
  /** [H, W] 1 where mu_t is 0; absent where the camera's motion is unknown, as in a first frame. */
  readonly either?: Uint8Array;
  /** Against the frame half a second before; NaN where there is none, or the camera's motion since then is unknown. */
  readonly lambda: number;
  /** Since the frame before, lengths in the model's own unit; absent where it is unknown. */
  readonly ego?: EgoMotion;
  /** Seconds since the frame before. */
  readonly seconds?: number;
  /** What is seen of people and vehicles, for those who follow them; where that is asked for. */
  readonly followed?: FollowedFrame;
  /** By what the depth is multiplied so that it agrees with that of the frames before; where that is asked for. */
  readonly factors?: DepthFactors;
}

/** Frames farther apart have nothing to do with each other. */
const LONGEST_GAP_S = 1;
/** Calibrations that differ by more than this share are of another view: camera_info may tremble, as with autofocus. */
const SAME_VIEW = 0.01;
const PYRAMID_LEVELS = 4;
/**
 * Lambda compares frames about half a second apart. Between adjacent ones even fast cars hardly move, the less the more
 * frames a second. The noise of the labels' borders is then most of what the overlap shows.
 */
const OVERLAP_NS = 480_000_000n;

/**
 * Follows the camera and what moves before it from frame to frame. Frames come in the order of their stamps. One that is not
 * later than the one before, comes long after it or shows another view begins anew. The view is that of the maps: a camera
 * that changes its resolution alone keeps it.
 *
 * Lengths are kept in the model's own unit, so that a metric scale that changes bends no pose.
 */
export class MotionTracker {
  readonly #kindOfLabel: Uint8Array;
  readonly #judge: MovingJudge;
  readonly #stabilizer = new DepthStabilizer();
  #before: { readonly view: MotionView; readonly ego?: EgoMotion } | undefined;
  /** Views for Lambda, oldest first: back to the newest that is old enough. */
  #past: MotionView[] = [];

  /** @param kindOfLabel [256] KIND of each label. */
  constructor(kindOfLabel: Uint8Array, judge = new MovingJudge()) {
    this.#kindOfLabel = kindOfLabel;
    this.#judge = judge;
  }

  /** Forgets all frames. */
  reset(): void {
    this.#before = undefined;
    this.#past = [];
    this.#judge.reset();
    this.#stabilizer.reset();
  }

  /**
   * @param metersPerUnit what the model's unit of depth is thought to be, for how fast things move.
   * @param wanted whether the depth is to be steadied; what is judged here is judged by the frame's own depth. Whether things
   * are to be followed.
   */
  track(
    frame: TrackedFrame,
    metersPerUnit: number,
    { stabilize = false, follow = false }: { readonly stabilize?: boolean; readonly follow?: boolean } = {},
  ): TrackedMotion {
    const view = viewOf(frame, this.#kindOfLabel);
    const before = this.#before;
    const seconds = before && Number(view.stampNs - before.view.stampNs) / 1e9;
    const follows =
      before !== undefined &&
      seconds !== undefined &&
      seconds > 0 &&
      seconds <= LONGEST_GAP_S &&
      isSameView(before.view, view);
    const ego = follows ? fitEgoMotion(view, before.view, before.ego) : undefined;
    const factors = stabilize ? this.#stabilizer.stabilize(view, ego?.earlierFromLater) : undefined;
    const steadied = factors && { factors };
    if (ego === undefined || !follows) {
      this.#judge.reset();
      // Where only the camera's motion is unknown, it is taken to go on as before: things are found again by their places.
      const worldFromCamera = follows
        ? composeTransforms(before.view.worldFromCamera, before.ego?.earlierFromLater ?? identityTransform())
        : identityTransform();
      const posed = posedView(view, worldFromCamera);
      this.#before = { view: posed };
      this.#past = [posed];
      return {
        lambda: Number.NaN,
        ...steadied,
        ...this.#judged(posed, metersPerUnit, follow, !follows),
      };
    }
    const worldFromCamera = composeTransforms(before.view.worldFromCamera, ego.earlierFromLater);
    const posed = posedView(view, worldFromCamera);
    this.#before = { view: posed, ego };
    return {
      ego,
      seconds,
      lambda: this.#overlap(posed),
      ...steadied,
      ...this.#judged(posed, metersPerUnit, follow, false),
      either: dynamicInEither(view, before.view.kinds, ego.earlierFromLater),
    };
  }

  #judged(
    view: MotionView,
    metersPerUnit: number,
    follow: boolean,
    begins: boolean,
  ): Pick<TrackedMotion, 'moving' | 'followed'> {
    const { moving, components, owners } = this.#judge.judge(view, metersPerUnit, follow);
    return { moving, ...(owners && { followed: { view, components, owners, begins } }) };
  }

  #overlap(view: MotionView): number {
    const isOld = (past: MotionView | undefined) =>
      past !== undefined && view.stampNs - past.stampNs >= OVERLAP_NS;
    while (isOld(this.#past[1])) this.#past.shift();
    const earlier = this.#past[0];
    this.#past.push(view);
    if (earlier === undefined || !isOld(earlier)) return Number.NaN;
    const earlierFromLater = composeTransforms(
      invertTransform(earlier.worldFromCamera),
      view.worldFromCamera,
    );
    return dynamicOverlap(view, earlier, earlierFromLater);
  }
}

/** Whether pixels of both look the same way: one calibration has to do for both where they are aligned. */
function isSameView(a: UnposedView, b: UnposedView): boolean {
  const [p, q] = [a.intrinsics, b.intrinsics];
  const isNear = (one: number, other: number, whole: number) => Math.abs(one - other) <= SAME_VIEW * whole;
  return (
    a.width === b.width &&
    a.height === b.height &&
    isNear(p.fx, q.fx, q.fx) &&
    isNear(p.fy, q.fy, q.fy) &&
    isNear(p.cx, q.cx, b.width) &&
    isNear(p.cy, q.cy, b.height)
  );
}

/** Written out: all views are then objects of one shape to V8, which compiles what works on them once. */
function posedView(view: UnposedView, worldFromCamera: RigidTransform): MotionView {
  const { stampNs, height, width, intrinsics, grey, depth, kinds, confidence } = view;
  return {
    stampNs,
    height,
    width,
    intrinsics,
    grey,
    depth,
    kinds,
    worldFromCamera,
    ...(confidence && { confidence }),
  };
}

function viewOf({ stampNs, maps, intrinsics, scale }: TrackedFrame, kindOfLabel: Uint8Array): UnposedView {
  const { height, width, image, labels, confidence } = maps;
  const depth = maps.depth.slice();
  if (scale !== 1) for (let i = 0; i < depth.length; i++) depth[i] = (depth[i] as number) / scale;
  const kinds = new Uint8Array(height * width);
  if (labels === undefined) kinds.fill(KIND.none);
  else for (let i = 0; i < kinds.length; i++) kinds[i] = kindOfLabel[labels[i] as number] as number;
  return {
    stampNs,
    height,
    width,
    intrinsics,
    grey: greyPyramid(image, height, width, PYRAMID_LEVELS),
    depth,
    kinds,
    // The maps go back before the next frame comes.
    ...(confidence && { confidence: confidence.slice() }),
  };
}
