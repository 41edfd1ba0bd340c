import { type ComponentSamples, componentSamples } from './component-samples.js';
import { type Component, connectedComponents } from './connected-components.js';
import { measureMotion } from './measure-motion.js';
import { type MeasuredMotion, type MotionModel, motionEvidence } from './motion-evidence.js';
import { KIND, type MotionView } from './motion-view.js';
import { motionDistance, scaledMotion } from './residual-motion.js';
import { SeenPositions } from './seen-positions.js';
import { splitByDepth } from './split-by-depth.js';
import type { StaticPositions } from './static-positions.js';

export interface JudgeOptions {
  /** Standard deviation of the relative error of a component's depth. */
  readonly depthError: number;
  readonly shapeError: number;
  /** Of what errors of the pose do to a shift in the picture, pixels. */
  readonly poseNoise: number;
  /** How far back views are compared, seconds: far enough for parallax. */
  readonly memorySeconds: number;
}

export const JUDGE_DEFAULTS: JudgeOptions = {
  depthError: 0.15,
  shapeError: 0.05,
  poseNoise: 0.3,
  memorySeconds: 2.1,
};

/**
 * Speeds of what moves, metres a second, and how likely something moves before anything was seen of it, as logarithm of the
 * odds: vehicles are parked more often than not, people walk.
 */
const MOVERS = {
  vehicle: { speed: 7, sideSpeed: 2, prior: -0.5 },
  person: { speed: 1.5, sideSpeed: 1.2, prior: 0.5 },
} as const;
const MOST_SAMPLES = 80;
const LEAST_SAMPLES = 8;
/** Pictures less alike than this are of different things. */
const LEAST_CORRELATION = 0.6;
/** Share of a new frame's evidence in all, and its bound: one frame can be wrong. */
const NEW_SHARE = 0.4;
const MOST_EVIDENCE = 5;
/** How far a motion may be from what a shorter time made expect, in pixels and relative. */
const UNEXPECTED_PIXELS = 1;
const UNEXPECTED_SHARE = 0.3;

interface Past {
  readonly view: MotionView;
  /** [H, W] evidence that what a pixel shows moves: logarithm of the odds, without what is known beforehand. */
  readonly evidence: Float32Array;
}

/**
 * Tells moving from parked, component by component of the dynamic classes.
 *
 * Adjacent frames cannot tell a car that drives ahead at our speed from a parked one, so each component is compared with
 * views 1, 2, 4, 8, ... frames back, until it has enough parallax. Where it is found in the earlier picture
 * (brightness, class and depth must agree) is weighed against where it were if it stood still, and against what errors of
 * the depth would do. The evidence on a component follows it from frame to frame.
 */
export class MovingJudge {
  readonly #options: JudgeOptions;
  /** Newest first. */
  #past: Past[] = [];

  constructor(options: Partial<JudgeOptions> = {}) {
    this.#options = { ...JUDGE_DEFAULTS, ...options };
  }

  /** Forgets earlier views: the next has nothing to do with them. */
  reset(): void {
    this.#past = [];
  }

  /**
   * @param metersPerUnit metres in a unit of depth, for how fast things move.
   * @returns [H, W] 255 where a component is judged to move, else 0.
   */
  judge(view: MotionView, metersPerUnit = 1): Uint8Array {
    const { height, width, kinds, depth } = view;
    const oldestNs = view.stampNs - BigInt(Math.round(this.#options.memorySeconds * 1e9));
    this.#past = this.#past.filter((past) => past.view.stampNs >= oldestNs);
    const moving = new Uint8Array(height * width);
    const evidence = new Float32Array(height * width);
    for (const component of splitByDepth(connectedComponents(kinds, depth, height, width), view)) {
      const kind = kinds[component.pixels[0] as number] === KIND.person ? 'person' : 'vehicle';
      const gathered = this.#gather(component, view, this.#model(kind, metersPerUnit));
      const moves = gathered + MOVERS[kind].prior > 0;
      for (const at of component.pixels) {
        evidence[at] = gathered;
        if (moves) moving[at] = 255;
      }
    }
    this.#past.unshift({ view, evidence });
    return moving;
  }

  /** Evidence of the frames up to this one, newer ones weighing more. */
  #gather(component: Component, view: MotionView, model: MotionModel): number {
    const samples = componentSamples(component, view, MOST_SAMPLES);
    if (samples.count < LEAST_SAMPLES) return 0;
    const { before = 0, longest } = this.#follow(samples, view);
    if (longest === undefined) return before;
    const evidence = motionEvidence(longest, model);
    return before + NEW_SHARE * (Math.max(-MOST_EVIDENCE, Math.min(MOST_EVIDENCE, evidence)) - before);
  }

  #model(kind: keyof typeof MOVERS, metersPerUnit: number): MotionModel {
    const { poseNoise, depthError, shapeError } = this.#options;
    const { speed, sideSpeed } = MOVERS[kind];
    return {
      ...{ poseNoise, depthError, shapeError },
      speed: speed / metersPerUnit,
      sideSpeed: sideSpeed / metersPerUnit,
    };
  }

  /** Its evidence a frame ago, and its motion over the longest time over which it can be followed. */
  #follow(samples: ComponentSamples, view: MotionView): { before?: number; longest?: MeasuredMotion } {
    let before: number | undefined;
    let longest: MeasuredMotion | undefined;
    for (let back = 1; back <= this.#past.length; back *= 2) {
      const past = this.#past[back - 1] as Past;
      const seconds = Number(view.stampNs - past.view.stampNs) / 1e9;
      const expected = longest && scaledMotion(longest.fit, seconds / longest.seconds);
      const found = measureMotion(samples, view, past.view, expected);
      if (back === 1)
        before = found ? evidenceAt(past, found.positions, found.measured) : evidenceBehind(past, samples);
      if (found === undefined) continue;
      const { measured } = found;
      if (measured.fit.correlation < LEAST_CORRELATION) continue;
      if (expected !== undefined) {
        const { radius } = measured.spread;
        const length = motionDistance(expected, { du: 0, dv: 0, growth: 0 }, radius);
        const off = motionDistance(measured.fit, expected, radius);
        if (off > UNEXPECTED_PIXELS + UNEXPECTED_SHARE * length) continue;
      }
      longest = measured;
    }
    return { ...(before !== undefined && { before }), ...(longest && { longest }) };
  }
}

/** Mean of the evidence where the component was found; undefined where too little of it was. */
function evidenceAt(
  { view, evidence }: Past,
  positions: StaticPositions,
  { fit }: MeasuredMotion,
): number | undefined {
  const places = new SeenPositions();
  places.find(view, positions, fit);
  const { count, u, v } = places;
  let sum = 0;
  for (let k = 0; k < count; k++)
    sum += evidence[Math.round(v[k] as number) * view.width + Math.round(u[k] as number)] as number;
  return count >= positions.u.length / 4 ? sum / count : undefined;
}

/** Mean of the evidence on what the same pixels showed, where the component itself could not be found. */
function evidenceBehind({ view, evidence }: Past, { u, v }: ComponentSamples): number | undefined {
  let [count, sum] = [0, 0];
  for (let i = 0; i < u.length; i++) {
    const at = (v[i] as number) * view.width + (u[i] as number);
    if (view.kinds[at] === KIND.none) continue;
    count += 1;
    sum += evidence[at] as number;
  }
  return count >= u.length / 4 ? sum / count : undefined;
}
