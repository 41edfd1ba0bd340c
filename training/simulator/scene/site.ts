import type { Shade } from '../ground-occlusion.js';
import type { ObjectFrame } from '../mesh/frame.js';
import { WORLD_FRAME } from '../mesh/frame.js';
import type { Mesh } from '../mesh/mesh.js';
import { noise2 } from '../noise.js';
import type { Random } from '../random.js';
import type { SceneContext } from './context.js';
import type { Palette } from './palette.js';
import type { RoadPath } from './road-path.js';
import type { SidePlan, StreetPlan } from './street-plan.js';

/** The ground plan on which a scene is built: the road, its cross-section, the land beside it. */
export class Site {
  readonly mesh: Mesh;
  readonly path: RoadPath;
  readonly plan: StreetPlan;
  readonly palette: Palette;
  readonly from: number;
  readonly to: number;
  /** See `staticLabel`. */
  readonly namesStatic: boolean;
  /** Stations where detail is worth triangles; Infinity-wide for drives. */
  readonly #eye: number | undefined;
  readonly #seed: number;
  /** Soft shade of what stands still. */
  readonly shades: Shade[] = [];
  #instances = 0;

  constructor(
    mesh: Mesh,
    {
      path,
      plan,
      palette,
      from,
      to,
      seed,
      eye,
      namesStatic,
    }: {
      readonly path: RoadPath;
      readonly plan: StreetPlan;
      readonly palette: Palette;
      readonly from: number;
      readonly to: number;
      readonly seed: number;
      readonly eye?: number;
      readonly namesStatic: boolean;
    },
  ) {
    this.mesh = mesh;
    this.path = path;
    this.plan = plan;
    this.palette = palette;
    this.from = from;
    this.to = to;
    this.#seed = seed;
    this.#eye = eye;
    this.namesStatic = namesStatic;
  }

  /** Whether the scene is built for one view, of which far things need no detail. */
  get isSnapshot(): boolean {
    return this.#eye !== undefined;
  }

  newInstance(): number {
    this.#instances = Math.min(65535, this.#instances + 1);
    return this.#instances;
  }

  side(side: 1 | -1): SidePlan {
    return side === 1 ? this.plan.left : this.plan.right;
  }

  /** Left coordinate of the road's edge on a side, metres. */
  edge(side: 1 | -1): number {
    const { plan } = this;
    const lanes = side === 1 ? plan.lanesOncoming : plan.lanesSame;
    const middle = side === 1 && plan.lanesOncoming === 0 ? 0 : plan.median / 2;
    return side * (middle + lanes * plan.laneWidth + plan.shoulder);
  }

  /** Distance from the road's edge to the outer edge of the pavement. */
  pavementEnd(side: 1 | -1): number {
    const plan = this.side(side);
    return this.kerbAt(side) + 0.15 + plan.verge + plan.pavement;
  }

  /** Distance from the road's edge to the kerb: the width of the parking strip. */
  kerbAt(side: 1 | -1): number {
    const plan = this.side(side);
    return plan.parking === 'none' ? 0 : plan.parking === 'angled' ? 4.8 : plan.parkingWidth;
  }

  /** Height of the land over the road `outward` metres beyond the road's edge. */
  landHeight(side: 1 | -1, s: number, outward: number): number {
    const plan = this.side(side);
    const beyond = outward - this.pavementEnd(side);
    const kerb = outward > this.kerbAt(side) ? plan.kerbHeight : 0;
    if (beyond <= 0) return kerb;
    const t = Math.min(1, beyond / 25);
    const bank = plan.bank * t * t * (3 - 2 * t);
    const wild = this.plan.layout === 'highway' || this.plan.layout === 'country' ? 1 : 0.25;
    const roll =
      (noise2(s / 40, outward / 30 + side * 50, this.#seed) - 0.5) * Math.min(1, beyond / 15) * 4 * wild;
    const far = Math.max(0, beyond - 25);
    return kerb + bank + roll + far * 0.06 * wild * (noise2(s / 150, side * 7, this.#seed + 1) - 0.35);
  }

  /** The frame `outward` metres beyond the road's edge, on the land. */
  beside(side: 1 | -1, s: number, outward: number, sink = 0): ObjectFrame {
    return this.path.frame(s, this.edge(side) + side * outward, this.landHeight(side, s, outward) - sink);
  }

  /** Whether [s0, s1] meets a crossing road (widened by `margin`). */
  inJunction(s0: number, s1: number, margin = 0): boolean {
    return this.plan.junctions.some(([a, b]) => s1 > a - margin && s0 < b + margin);
  }

  /** What builders need for an object at station s and distance `away` from the axis. */
  context(random: Random, s: number, away = 0): SceneContext {
    const distance = this.#eye === undefined ? 40 : Math.abs(s - this.#eye) + Math.abs(away) * 0.5;
    return {
      mesh: this.mesh,
      random,
      palette: this.palette,
      detail: distance < 30 ? 2 : distance < 75 ? 1 : 0,
      namesStatic: this.namesStatic,
    };
  }

  shade(frame: ObjectFrame, a: number, b: number, margin: number, strength: number): void {
    this.shades.push([frame.x, frame.y, frame.c, frame.s, a, b, margin, strength]);
  }

  /** A strip of ground between two lines beside the axis: left coordinate and height as functions of the station. */
  strip(
    surface: number,
    {
      s0,
      s1,
      step,
      inner,
      outer,
      normal,
    }: {
      readonly s0: number;
      readonly s1: number;
      readonly step: number;
      readonly inner: (s: number) => readonly [number, number];
      readonly outer: (s: number) => readonly [number, number];
      readonly normal?: readonly [number, number];
    },
  ): void {
    const { mesh, path } = this;
    mesh.use(WORLD_FRAME);
    const count = Math.max(1, Math.ceil((s1 - s0) / step));
    for (let first = 0; first < count; first += 8) {
      mesh.beginGroup();
      const last = Math.min(count, first + 8);
      let previous = -1;
      for (let k = first; k <= last; k++) {
        const s = s0 + ((s1 - s0) * k) / count;
        const [t0, h0] = inner(s);
        const [t1, h1] = outer(s);
        const a = path.frame(s, t0, h0);
        const b = path.frame(s, t1, h1);
        // Up, tilted across by the strip's own slope; `normal` = (left, up) for kerb faces.
        let across = 0;
        let up = 1;
        if (normal !== undefined) [across, up] = normal;
        else {
          const rise = (h1 - h0) / (t1 - t0 || 1);
          const l = Math.sqrt(1 + rise * rise);
          across = -rise / l;
          up = 1 / l;
        }
        const i = mesh.vertex([a.x, a.y, a.z], [-a.s * across, a.c * across, up], s, t0);
        mesh.vertex([b.x, b.y, b.z], [-b.s * across, b.c * across, up], s, t1);
        if (previous >= 0) {
          mesh.triangle(previous, i, i + 1, surface);
          mesh.triangle(previous, i + 1, previous + 1, surface);
        }
        previous = i;
      }
      mesh.endGroup();
    }
  }
}
