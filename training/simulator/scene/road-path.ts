import { cos, sin } from '../exact-math.js';
import type { ObjectFrame } from '../mesh/frame.js';
import { noise2 } from '../noise.js';
import type { Random } from '../random.js';

export interface RoadPathOptions {
  /** First and last station, metres. */
  readonly from: number;
  readonly to: number;
  /** Largest curvature, 1/m. */
  readonly curvature: number;
  /** Largest slope, rise a metre. */
  readonly slope: number;
}

/** The road's axis: world position, heading and height at every station s (metres along the road). */
export class RoadPath {
  readonly from: number;
  readonly to: number;
  readonly #x: Float64Array;
  readonly #y: Float64Array;
  readonly #z: Float64Array;
  readonly #heading: Float64Array;

  constructor(random: Random, options: RoadPathOptions) {
    this.from = Math.floor(options.from);
    this.to = Math.ceil(options.to);
    const count = this.to - this.from + 2;
    this.#x = new Float64Array(count);
    this.#y = new Float64Array(count);
    this.#z = new Float64Array(count);
    this.#heading = new Float64Array(count);
    const seed = random.uint32() | 0;
    const wavelength = random.uniform(60, 200);
    const slopeWave = random.uniform(80, 250);
    let x = this.from;
    let y = 0;
    let z = 0;
    let heading = 0;
    for (let i = 0; i < count; i++) {
      this.#x[i] = x;
      this.#y[i] = y;
      this.#z[i] = z;
      this.#heading[i] = heading;
      const s = this.from + i;
      x += cos(heading);
      y += sin(heading);
      z += options.slope * 2 * (noise2(s / slopeWave, 3.7, seed + 1) - 0.5);
      heading += options.curvature * 2 * (noise2(s / wavelength, 0.3, seed) - 0.5);
    }
  }

  /** The object frame `left` metres left of the axis and `up` metres above it at station s. */
  frame(s: number, left = 0, up = 0): ObjectFrame {
    const position = Math.min(Math.max(s - this.from, 0), this.#x.length - 1.001);
    const i = Math.floor(position);
    const f = position - i;
    const lerp = (a: Float64Array): number => a[i] + (a[i + 1] - a[i]) * f;
    const heading = lerp(this.#heading);
    const c = cos(heading);
    const sn = sin(heading);
    return {
      x: lerp(this.#x) - sn * left,
      y: lerp(this.#y) + c * left,
      z: lerp(this.#z) + up,
      c,
      s: sn,
      slope: this.#z[i + 1] - this.#z[i],
    };
  }

  /** Heading at station s, radians. */
  heading(s: number): number {
    const position = Math.min(Math.max(s - this.from, 0), this.#x.length - 1.001);
    const i = Math.floor(position);
    return this.#heading[i] + (this.#heading[i + 1] - this.#heading[i]) * (position - i);
  }
}
