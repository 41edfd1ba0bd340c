import {
  composeTransforms,
  invertTransform,
  type RigidTransform,
} from '../../../msgs/camera/rigid-transform.js';
import { cameraShift } from './camera-shift.js';
import { type ComponentSamples, componentSamples } from './component-samples.js';
import { type Component, connectedComponents } from './connected-components.js';
import type { JudgedComponent, Mover, Owners, Vector } from './judged-component.js';
import { measureMotion } from './measure-motion.js';
import { type MeasuredMotion, type MotionModel, motionEvidence } from './motion-evidence.js';
import { KIND, type MotionView } from './motion-view.js';
import { motionDistance, NO_RESIDUAL, scaledMotion } from './residual-motion.js';
import { SeenPositions } from './seen-positions.js';
import { splitByDepth } from './split-by-depth.js';
import type { StaticPositions } from './static-positions.js';

export interface JudgeOptions {
  /** Standard deviation of the relative error of a component's depth. */
  readonly depthError: number;
  readonly shapeError: number;
  /** Of what errors of the pose do to a shift in the picture, pixels; of a camera that stands, and at most. */
  readonly standingPoseNoise: number;
  readonly poseNoise: number;
  /** Of what interpolation and changes of the view do to it, in the same way. */
  readonly standingViewNoise: number;
  readonly viewNoise: number;
  /** How far back views are compared, seconds: far enough for parallax. */
  readonly memorySeconds: number;
  /** The same while the camera stands: far enough for what creeps to be seen to move. */
  readonly standingMemorySeconds: number;
}

export const JUDGE_DEFAULTS: JudgeOptions = {
  depthError: 0.15,
  shapeError: 0.05,
  standingPoseNoise: 0.03,
  poseNoise: 0.3,
  standingViewNoise: 0.03,
  viewNoise: 0.15,
  memorySeconds: 2.1,
  standingMemorySeconds: 5,
};

/**
 * How what moves does so, metres a second, and how likely something moves before anything was seen of it, as logarithm of the
 * odds. Vehicles are parked more often than not, people walk.
 */
const MOVERS = {
  vehicle: { usual: { speed: 7, sideSpeed: 2 }, slow: { speed: 0.3, sideSpeed: 0.1 }, prior: -0.5 },
  person: { usual: { speed: 1.5, sideSpeed: 1.2 }, slow: { speed: 0.3, sideSpeed: 0.2 }, prior: 0.5 },
} as const satisfies Readonly<Record<Mover, object>>;
/**
 * A camera stands where its motion shifts the picture by less than this many pixels. Only then is a slow motion told from
 * errors of the depth.
 */
const STANDING_SHIFT = 0.3;
/** How much of the picture's shift is noise of interpolation. */
const VIEW_SHARE = 0.5;
/** Shifts beyond this many pixels are all alike. */
const MOST_SHIFT = 1;
/** Seconds between two views that are kept for longer, while the camera stands. */
const KEPT_APART = 0.4;
const MOST_SAMPLES = 80;
const LEAST_SAMPLES = 8;
/** Pictures less alike than this are of different things. */
const LEAST_CORRELATION = 0.6;
/** Share of a new frame's evidence in all, and its bound: one frame can be wrong. */
const NEW_SHARE = 0.4;
const MOST_EVIDENCE = 5;
/** Evidence from which on a velocity is taken of the time that shows it, and the least of that, seconds. */
const CLEAR = 4;
const LEAST_SECONDS = 0.15;
/** How far a motion may be from what a shorter time made expect, in pixels and relative. */
const UNEXPECTED_PIXELS = 1;
const UNEXPECTED_SHARE = 0.3;

interface Past {
  readonly view: MotionView;
  /** [H, W] evidence that what a pixel shows moves: logarithm of the odds, without what is known beforehand. */
  readonly evidence: Float32Array;
  /** [H, W] ids of the tracks that own its pixels, 0 = none; absent where nobody follows them. */
  readonly owners?: Int32Array;
}

/** What a frame's comparison with those before it says. */
export interface Judgement {
  /** [H, W] 255 where a component is judged to move, else 0. */
  readonly moving: Uint8Array;
  readonly components: readonly JudgedComponent[];
  /** [H, W] to be filled with the ids of the tracks that own the pixels, by whom the next frame is told; where asked for. */
  readonly owners?: Int32Array;
}

interface Judged {
  readonly view: MotionView;
  readonly compared: readonly Past[];
  readonly kind: Mover;
  readonly metersPerUnit: number;
}

interface Followed {
  readonly past: Past;
  readonly measured: MeasuredMotion;
  /** Of the picture by the camera's motion in that time. */
  readonly shift: number;
}

/**
 * Tells moving from parked, component by component of the dynamic classes.
 *
 * Adjacent frames cannot tell a car that drives ahead at our speed from a parked one. So each component is compared with
 * views 1, 2, 4, 8, ... frames back, until it has enough parallax. Where it is found in the earlier picture (brightness,
 * class and depth must agree) is weighed against two things. One is where it were if it stood still, the other what errors of
 * the depth would do. The evidence on a component follows it from frame to frame.
 */
export class MovingJudge {
  readonly #options: JudgeOptions;
  /** Newest first. */
  #past: Past[] = [];
  /** Older ones, newest first. */
  #kept: Past[] = [];
  /** Shift of the picture by the camera's motion since an earlier view. */
  readonly #shifts = new Map<Past, number>();

  constructor(options: Partial<JudgeOptions> = {}) {
    this.#options = { ...JUDGE_DEFAULTS, ...options };
  }

  /** Forgets earlier views: the next has nothing to do with them. */
  reset(): void {
    this.#past = [];
    this.#kept = [];
  }

  /**
   * @param metersPerUnit metres in a unit of depth, for how fast things move.
   * @param follow whether somebody follows things from frame to frame.
   */
  judge(view: MotionView, metersPerUnit = 1, follow = false): Judgement {
    const { height, width, kinds, depth } = view;
    this.#forget(view.stampNs);
    this.#shifts.clear();
    const compared = this.#compared(view);
    const moving = new Uint8Array(height * width);
    const evidence = new Float32Array(height * width);
    const components: JudgedComponent[] = [];
    for (const component of splitByDepth(connectedComponents(kinds, depth, height, width), view)) {
      const { pixels } = component;
      const kind: Mover = kinds[pixels[0] as number] === KIND.person ? 'person' : 'vehicle';
      const { gathered, ...found } = this.#gather(component, { view, compared, kind, metersPerUnit });
      const odds = gathered + MOVERS[kind].prior;
      for (const at of pixels) {
        evidence[at] = gathered;
        if (odds > 0) moving[at] = 255;
      }
      components.push({ kind, pixels, moves: 1 / (1 + Math.exp(-odds)), ...found });
    }
    const owned = follow && { owners: new Int32Array(height * width) };
    this.#past.unshift({ view, evidence, ...owned });
    return { moving, components, ...owned };
  }

  /** Evidence of the frames up to this one, newer ones weighing more. */
  #gather(
    component: Component,
    { view, compared, kind, metersPerUnit }: Judged,
  ): Pick<JudgedComponent, 'velocity' | 'owners'> & { gathered: number } {
    const samples = componentSamples(component, view, MOST_SAMPLES);
    if (samples.count < LEAST_SAMPLES) return { gathered: 0, owners: NOBODY };
    const { before, followed } = this.#follow(samples, view, compared);
    const { evidence: gathered = 0, owners = NOBODY } = before ?? {};
    const longest = followed.at(-1);
    if (longest === undefined) return { gathered, owners };
    const said = followed.map(({ measured, past, shift }) => ({
      past,
      seconds: measured.seconds,
      ...motionEvidence(measured, this.#model(kind, shift, metersPerUnit)),
    }));
    const last = said.at(-1) as (typeof said)[number];
    // The shortest time that shows the motion clearly: longer ones average over more of the past.
    const clear = said.find(({ evidence, seconds }) => evidence > CLEAR && seconds >= LEAST_SECONDS) ?? last;
    // Before a camera that stands errors are taken to be small, and a thing found by little of it is a gross one.
    const { fit } = longest.measured;
    const most = longest.shift < STANDING_SHIFT ? MOST_EVIDENCE * fit.seen : MOST_EVIDENCE;
    return {
      gathered: gathered + NEW_SHARE * (Math.max(-most, Math.min(most, last.evidence)) - gathered),
      velocity: turned(clear.past.view.worldFromCamera, clear.velocity),
      owners,
    };
  }

  /** @param shift of the picture by the camera's motion: a camera that stands errs less, and sees the same picture again. */
  #model(kind: Mover, shift: number, metersPerUnit: number): MotionModel {
    const { depthError, shapeError, ...noise } = this.#options;
    const { usual, slow } = MOVERS[kind];
    return {
      depthError,
      shapeError,
      poseNoise: Math.min(noise.poseNoise, noise.standingPoseNoise + shift),
      viewNoise: Math.min(noise.viewNoise, noise.standingViewNoise + VIEW_SHARE * shift),
      fitNoise: 1 + Math.min(1, shift / STANDING_SHIFT),
      gaits: (shift < STANDING_SHIFT ? [usual, slow] : [usual]).map(({ speed, sideSpeed }) => ({
        speed: speed / metersPerUnit,
        sideSpeed: sideSpeed / metersPerUnit,
      })),
    };
  }

  /** How far the camera's motion since an earlier view shifts the picture. */
  #shiftTo(past: Past, view: MotionView): number {
    let shift = this.#shifts.get(past);
    if (shift === undefined) {
      const earlierFromLater = composeTransforms(
        invertTransform(past.view.worldFromCamera),
        view.worldFromCamera,
      );
      shift = cameraShift(view, earlierFromLater, MOST_SHIFT);
      this.#shifts.set(past, shift);
    }
    return shift;
  }

  /** The views to compare with, newest first: farther and farther back; beyond `memorySeconds` while the camera stands. */
  #compared(view: MotionView): Past[] {
    const compared: Past[] = [];
    for (let back = 1; back <= this.#past.length; back *= 2) compared.push(this.#past[back - 1] as Past);
    const kept = this.#kept;
    for (const past of new Set([this.#past.at(-1), kept[kept.length >> 1], kept.at(-1)])) {
      if (past === undefined || compared.includes(past)) continue;
      if (this.#shiftTo(past, view) < STANDING_SHIFT) compared.push(past);
    }
    return compared;
  }

  /** Lets go of what is too old. */
  #forget(nowNs: bigint): void {
    const { memorySeconds, standingMemorySeconds } = this.#options;
    const since = (seconds: number) => nowNs - BigInt(Math.round(seconds * 1e9));
    const old = this.#past.filter(({ view }) => view.stampNs < since(memorySeconds));
    this.#past.length -= old.length;
    for (const past of old.reverse()) {
      const newest = this.#kept[0]?.view.stampNs;
      if (newest === undefined || past.view.stampNs - newest >= BigInt(KEPT_APART * 1e9))
        this.#kept.unshift(past);
    }
    this.#kept = this.#kept.filter(({ view }) => view.stampNs >= since(standingMemorySeconds));
  }

  /** What is known of it a frame ago, and its motion since each of the earlier views in which it is found. */
  #follow(
    samples: ComponentSamples,
    view: MotionView,
    compared: readonly Past[],
  ): { before?: Before; followed: Followed[] } {
    let before: Before | undefined;
    const followed: Followed[] = [];
    for (const past of compared) {
      const seconds = Number(view.stampNs - past.view.stampNs) / 1e9;
      const last = followed.at(-1)?.measured;
      const expected = last && scaledMotion(last.fit, seconds / last.seconds);
      const found = measureMotion(samples, view, past.view, expected);
      if (past === this.#past[0])
        before = found ? foundBefore(past, samples, found) : shownBefore(past, samples);
      if (found === undefined) continue;
      const { measured } = found;
      if (measured.fit.correlation < LEAST_CORRELATION) continue;
      if (expected !== undefined) {
        const { radius } = measured.spread;
        const length = motionDistance(expected, NO_RESIDUAL, radius);
        const off = motionDistance(measured.fit, expected, radius);
        if (off > UNEXPECTED_PIXELS + UNEXPECTED_SHARE * length) continue;
      }
      followed.push({ past, measured, shift: this.#shiftTo(past, view) });
    }
    return { followed, ...(before && { before }) };
  }
}

/** What a frame ago was known where a component was. */
interface Before {
  /** Mean of the evidence. */
  readonly evidence: number;
  readonly owners: Owners;
}

const NOBODY: Owners = { pixels: new Int32Array(0), ids: new Int32Array(0) };

/** Where the component was found; undefined where too little of it was. */
function foundBefore(
  past: Past,
  samples: ComponentSamples,
  { positions, measured }: { readonly positions: StaticPositions; readonly measured: MeasuredMotion },
): Before | undefined {
  const places = new SeenPositions();
  places.find(past.view, positions, measured.fit);
  const { count, index, u, v } = places;
  if (count < samples.count / 4) return undefined;
  const { width } = past.view;
  const at = new Int32Array(count);
  const pixels = new Int32Array(count);
  for (let k = 0; k < count; k++) {
    at[k] = Math.round(v[k] as number) * width + Math.round(u[k] as number);
    pixels[k] = pixelOf(samples, index[k] as number, width);
  }
  return knownAt(past, at, pixels);
}

/** What the same pixels showed, where the component itself could not be found. */
function shownBefore(past: Past, samples: ComponentSamples): Before | undefined {
  const { kinds, width } = past.view;
  const all = Int32Array.from(samples.u, (_, i) => pixelOf(samples, i, width));
  const dynamic = all.filter((index) => kinds[index] !== KIND.none);
  return dynamic.length >= all.length / 4 ? knownAt(past, dynamic, dynamic) : undefined;
}

function pixelOf({ u, v }: ComponentSamples, i: number, width: number): number {
  return (v[i] as number) * width + (u[i] as number);
}

/** @param at where the frame before shows these pixels of the component. */
function knownAt({ evidence, owners }: Past, at: Int32Array, pixels: Int32Array): Before {
  let sum = 0;
  for (const index of at) sum += evidence[index] as number;
  const ids = owners === undefined ? new Int32Array(at.length) : at.map((index) => owners[index] as number);
  return { evidence: sum / at.length, owners: { pixels, ids } };
}

/** A direction of a camera's axes in those of the world. */
function turned(worldFromCamera: RigidTransform, [x, y, z]: Vector): Vector {
  const m = (i: number) => worldFromCamera[i] as number;
  return [m(0) * x + m(1) * y + m(2) * z, m(4) * x + m(5) * y + m(6) * z, m(8) * x + m(9) * y + m(10) * z];
}
