import { type GreySlopes, sampleSlopes } from '../../../vision/grey-slopes.js';
import { sampleGrey } from '../../../vision/sample-grey.js';
import type { ComponentSamples } from './component-samples.js';
import { type Likeness, likeness } from './likeness.js';
import type { MotionView } from './motion-view.js';
import type { ResidualMotion } from './residual-motion.js';
import { SeenPositions } from './seen-positions.js';
import type { StaticPositions } from './static-positions.js';

export interface MotionFit extends ResidualMotion, Likeness {
  /** Standard deviations by the noise of the pictures alone: of the shift in pixels, of the growth. */
  readonly shiftNoise: number;
  readonly growthNoise: number;
}

type Refined = Omit<MotionFit, keyof Likeness>;

/** Share of the samples that must be seen. */
export const LEAST_SEEN = 0.25;
const ITERATIONS = 8;
/** A step below this many pixels ends the iteration; no step is longer than the other. */
const SMALL_STEP = 0.02;
const LONGEST_STEP = 1.5;
/** Levels at which a component is smaller than this many pixels across tell nothing about it. */
const SMALLEST_COMPONENT = 5;
/** Components with a smaller radius, in pixels, are only shifted: their size cannot be measured. */
const SMALLEST_RADIUS = 3;
/** Differences of brightness above this count less (Huber). */
const OUTLIER = 12;
/** Growth beyond this is no vehicle's: factor e^0.7 = 2 between the views. */
const MOST_GROWTH = 0.7;

/**
 * Finds a component in the earlier picture: the motion near `start` that makes its two pictures most alike. Gauss-Newton
 * from coarse to fine (Lucas and Kanade 1981), brightness offsets allowed; only what is seen in both views counts.
 * @param levels resolutions used: 1 = full alone, 2 = half, then full, ...
 * @returns undefined where too little of it is seen, or it has no structure.
 */
export function fitMotion(
  later: MotionView,
  {
    earlier,
    samples,
    positions,
    start,
    levels,
  }: {
    readonly earlier: MotionView;
    readonly samples: ComponentSamples;
    readonly positions: StaticPositions;
    readonly start: ResidualMotion;
    readonly levels: number;
  },
): MotionFit | undefined {
  const { radius } = positions.spread;
  let motion: Refined = refinedOf(start);
  const coarsest = Math.max(0, Math.floor(Math.log2((2 * radius) / SMALLEST_COMPONENT)));
  for (let level = Math.min(levels - 1, coarsest, earlier.grey.length - 1); level >= 0; level--) {
    motion = refine(later, { earlierView: earlier, level, samples, positions, start: motion });
  }
  if (!Number.isFinite(motion.shiftNoise + motion.growthNoise)) return undefined;
  const found = likeness(later, { earlier, samples, positions, motion });
  return found.seen < LEAST_SEEN ? undefined : fitOf(motion, found);
}

/** The start before it is refined: its noise is unknown. */
function refinedOf({ du, dv, growth }: ResidualMotion): Refined {
  return { du, dv, growth, shiftNoise: Number.NaN, growthNoise: Number.NaN };
}

function fitOf(motion: Refined, { correlation, seen, absent }: Likeness): MotionFit {
  const { du, dv, growth, shiftNoise, growthNoise } = motion;
  return { du, dv, growth, shiftNoise, growthNoise, correlation, seen, absent };
}

/** Arrays of numbers for so many samples; they lie outside of V8's heap and cost more to make than to fill. */
class Memory implements GreySlopes {
  readonly count: number;
  /** Positions in a picture; brightness of the later one there, of the earlier one there, and its slopes. */
  readonly u: Float64Array;
  readonly v: Float64Array;
  readonly template: Float64Array;
  readonly brightness: Float64Array;
  readonly across: Float64Array;
  readonly down: Float64Array;
  readonly differences: Float32Array;
  /** Slopes of the difference by shift and growth. */
  readonly gu: Float32Array;
  readonly gv: Float32Array;
  readonly gs: Float32Array;

  constructor(count: number) {
    const numbers = () => new Float64Array(count);
    const singles = () => new Float32Array(count);
    this.count = count;
    [this.u, this.v, this.template] = [numbers(), numbers(), numbers()];
    [this.brightness, this.across, this.down] = [numbers(), numbers(), numbers()];
    [this.differences, this.gu, this.gv, this.gs] = [singles(), singles(), singles(), singles()];
  }
}

// Used again from one component to the next.
let memory = new Memory(0);
const places = new SeenPositions();

/** Sums of the normal equations; u, v, s: shift and growth, b: right side. */
interface Normal {
  uu: number;
  uv: number;
  us: number;
  vv: number;
  vs: number;
  ss: number;
  bu: number;
  bv: number;
  bs: number;
  square: number;
  used: number;
}

function refine(
  laterView: MotionView,
  {
    earlierView,
    level,
    samples,
    positions,
    start,
  }: {
    readonly earlierView: MotionView;
    readonly level: number;
    readonly samples: ComponentSamples;
    readonly positions: StaticPositions;
    readonly start: Refined;
  },
): Refined {
  const [later, earlier] = [laterView.grey[level], earlierView.grey[level]];
  if (later === undefined || earlier === undefined) return start;
  const { spread } = positions;
  const { count } = samples;
  const factor = 2 ** level;
  const toLevel = (full: number): number => (full + 0.5) / factor - 0.5;
  if (memory.count < count) memory = new Memory(count);
  const { u, v, template, brightness, differences, gu, gv, gs } = memory;
  for (let i = 0; i < count; i++) {
    u[i] = toLevel(samples.u[i] as number);
    v[i] = toLevel(samples.v[i] as number);
  }
  sampleGrey(later, count, u, v, template);
  const sizeIsKnown = spread.radius >= SMALLEST_RADIUS;
  let { du, dv, growth, shiftNoise, growthNoise } = start;
  for (let iteration = 0; iteration < ITERATIONS; iteration++) {
    const size = Math.exp(growth);
    places.find(earlierView, positions, { du, dv, growth });
    const used = places.count;
    for (let k = 0; k < used; k++) {
      u[k] = toLevel(places.u[k] as number);
      v[k] = toLevel(places.v[k] as number);
    }
    sampleSlopes(earlier, used, u, v, memory);
    let offset = 0;
    for (let k = 0; k < used; k++) {
      const i = places.index[k] as number;
      const difference = (brightness[k] as number) - Math.fround(template[i] as number);
      const across = (memory.across[k] as number) / factor;
      const down = (memory.down[k] as number) / factor;
      const fromU = size * ((positions.u[i] as number) - spread.u);
      const fromV = size * ((positions.v[i] as number) - spread.v);
      differences[k] = difference;
      gu[k] = across;
      gv[k] = down;
      gs[k] = sizeIsKnown ? across * fromU + down * fromV : 0;
      offset += difference;
    }
    if (used < 6 || used < count * LEAST_SEEN) break;
    const step = solve(
      normalEquations(used, { differences, gu, gv, gs, offset: offset / used }),
      sizeIsKnown,
    );
    if (step === undefined) break;
    shiftNoise = step.shiftNoise;
    growthNoise = step.growthNoise;
    const length = Math.hypot(step.du, step.dv, step.growth * spread.radius);
    const share = Math.min(1, (LONGEST_STEP * factor) / length);
    du -= share * step.du;
    dv -= share * step.dv;
    growth = Math.max(-MOST_GROWTH, Math.min(MOST_GROWTH, growth - share * step.growth));
    if (length < SMALL_STEP * factor) break;
  }
  return { du, dv, growth, shiftNoise, growthNoise };
}

function normalEquations(
  used: number,
  {
    differences,
    gu,
    gv,
    gs,
    offset,
  }: {
    readonly differences: Float32Array;
    readonly gu: Float32Array;
    readonly gv: Float32Array;
    readonly gs: Float32Array;
    readonly offset: number;
  },
): Normal {
  let uu = 0;
  let uv = 0;
  let us = 0;
  let vv = 0;
  let vs = 0;
  let ss = 0;
  let bu = 0;
  let bv = 0;
  let bs = 0;
  let square = 0;
  for (let i = 0; i < used; i++) {
    const difference = (differences[i] as number) - offset;
    const size = Math.abs(difference);
    const weight = size > OUTLIER ? OUTLIER / size : 1;
    const a = gu[i] as number;
    const b = gv[i] as number;
    const c = gs[i] as number;
    const wa = weight * a;
    const wb = weight * b;
    const wc = weight * c;
    uu += wa * a;
    uv += wa * b;
    us += wa * c;
    vv += wb * b;
    vs += wb * c;
    ss += wc * c;
    bu += wa * difference;
    bv += wb * difference;
    bs += wc * difference;
    square += weight * difference * difference;
  }
  return { uu, uv, us, vv, vs, ss, bu, bv, bs, square, used };
}

/** Relative; keeps the step bounded along edges. */
const DAMPING = 1e-3;

/** The Gauss-Newton step, and the standard deviations of its result; undefined where the picture has no structure. */
function solve(sums: Normal, sizeIsKnown: boolean): Refined | undefined {
  const { uv, us, vs, bu, bv, bs, square, used } = sums;
  const uu = sums.uu * (1 + DAMPING);
  const vv = sums.vv * (1 + DAMPING);
  const ss = sizeIsKnown ? sums.ss * (1 + DAMPING) : 1;
  const c00 = vv * ss - vs * vs;
  const c01 = us * vs - uv * ss;
  const c02 = uv * vs - us * vv;
  const c11 = uu * ss - us * us;
  const c12 = uv * us - uu * vs;
  const c22 = uu * vv - uv * uv;
  const determinant = uu * c00 + uv * c01 + us * c02;
  if (!(determinant > 1e-9 * uu * vv * ss)) return undefined;
  const variance = square / Math.max(1, used - 3) / determinant;
  return {
    du: (c00 * bu + c01 * bv + c02 * bs) / determinant,
    dv: (c01 * bu + c11 * bv + c12 * bs) / determinant,
    growth: (c02 * bu + c12 * bv + c22 * bs) / determinant,
    shiftNoise: Math.sqrt(variance * Math.max(c00, c11)),
    growthNoise: Math.sqrt(variance * c22),
  };
}
