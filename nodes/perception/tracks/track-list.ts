import type { RigidTransform } from '../../../msgs/camera/rigid-transform.js';
import type { Mover, Vector } from '../motion/judged-component.js';
import type { MotionView } from '../motion/motion-view.js';
import type { SeenObject } from './seen-object.js';
import type { Track } from './track.js';

/** So long what is not seen is kept, seconds. */
const OCCLUSION = 1;
/** Rounding of stamps, seconds. */
const SLACK = 1e-3;
/** A thing is told of from its third frame on: what is seen once or twice is often none. */
const LEAST_FRAMES = 3;
/** Pixels from which on a thing is told of. */
const LEAST_PIXELS = 40;
/** Square metres that a whole thing shows at least: the rear of a small car, a person. */
const FACE: Readonly<Record<Mover, number>> = { vehicle: 1.5 * 1.5, person: 0.5 * 1.7 };
/** Share of a face's pixels at its distance from which on a thing is told of: less is mostly smear beside another thing. */
const LEAST_FACE = 0.15;
/** Share of the picture from which on it is told of in any case: the picture's edge cuts what is near. */
const LARGE = 0.0061;
/** Share of a thing that a track must own in the frame before for it to be its own. */
const LEAST_SHARE = 0.2;
/** Time constants with which places, sizes, velocities and labels follow what is measured, seconds. */
const FOLLOWS = { movingPlace: 0.15, standingPlace: 0.5, size: 0.5, velocity: 0.3, label: 1 } as const;
/**
 * How far from where it should be what was hidden may come back, metres: across the line of sight by this and by what a change
 * of its speed does, along it by a share of the distance.
 */
const GATE: Readonly<Record<Mover, { readonly side: number; readonly change: number }>> = {
  vehicle: { side: 1.5, change: 3 },
  person: { side: 0.7, change: 1.2 },
};
const GATE_DEPTH = 0.2;
/** Standard deviation of a depth, a share, and of a middle across the line of sight, a share of the size. */
const DEPTH_ERROR = 0.1;
const MIDDLE_ERROR = 0.15;

interface Held {
  readonly id: number;
  readonly kind: Mover;
  /** In the world. */
  place: Vector;
  /** If it moves. */
  velocity: Vector;
  moves: number;
  size: Vector;
  readonly labels: Map<number, number>;
  seenNs: bigint;
  /** In which it was seen. */
  frames: number;
  measured: boolean;
}

/**
 * Follows things from frame to frame. A thing keeps the id of the track that owns most of it in the frame before. One that
 * nobody owns may be one that was hidden for up to a second and comes back where that should be by now. Lengths are in depth
 * units, places in a world that stands still.
 */
export class TrackList {
  #held: Held[] = [];
  #nextId: number;

  constructor(firstId = 1) {
    this.#nextId = firstId;
  }

  /** The least id that was not given yet. */
  get nextId(): number {
    return this.#nextId;
  }

  /** Forgets everything but which ids were given. */
  reset(): void {
    this.#held = [];
  }

  /**
   * @param owners [H, W] is told which pixels belong to which track.
   * @param metersPerUnit metres in a unit of depth.
   * @returns the tracks that this frame shows, by id.
   */
  update(
    objects: readonly SeenObject[],
    { stampNs, worldFromCamera, intrinsics }: Pick<MotionView, 'stampNs' | 'worldFromCamera' | 'intrinsics'>,
    owners: Int32Array,
    metersPerUnit: number,
  ): Track[] {
    const secondsSince = ({ seenNs }: Held) => Number(stampNs - seenNs) / 1e9;
    this.#held = this.#held.filter((held) => secondsSince(held) <= OCCLUSION + SLACK);
    const found = new Map<SeenObject, Held>();
    const free = new Set(this.#held);
    this.#byOwner(objects, found, free);
    this.#byPlace(objects, found, free, { worldFromCamera, secondsSince, metersPerUnit });
    const tracks: Track[] = [];
    for (const object of objects) {
      const place = moved(worldFromCamera, object.box.centre);
      let held = found.get(object);
      if (held === undefined) {
        held = begun(this.#nextId++, object, place, stampNs);
        this.#held.push(held);
      } else follow(held, object, place, secondsSince(held));
      held.seenNs = stampNs;
      for (const { pixels } of object.components) for (const at of pixels) owners[at] = held.id;
      const face = FACE[object.kind] * intrinsics.fx * intrinsics.fy;
      const whole = face / (metersPerUnit * object.box.centre[2]) ** 2;
      const least = Math.max(LEAST_PIXELS, Math.min(LEAST_FACE * whole, LARGE * owners.length));
      if (held.frames >= LEAST_FRAMES && object.pixels >= least)
        tracks.push(told(held, worldFromCamera, intrinsics.fx));
    }
    return tracks.sort((a, b) => a.id - b.id);
  }

  /** The largest share first; a track is one thing's only. */
  #byOwner(objects: readonly SeenObject[], found: Map<SeenObject, Held>, free: Set<Held>): void {
    const claims = objects.flatMap((object) =>
      [...object.owners].map(([id, share]) => ({ object, id, share, claim: share * object.pixels })),
    );
    claims.sort((a, b) => b.claim - a.claim || a.id - b.id);
    for (const { object, id, share } of claims) {
      if (share < LEAST_SHARE || found.has(object)) continue;
      const held = this.#held.find((one) => one.id === id);
      if (held === undefined || !free.has(held) || held.kind !== object.kind) continue;
      found.set(object, held);
      free.delete(held);
    }
  }

  /** The nearest first, by what may have happened since. */
  #byPlace(
    objects: readonly SeenObject[],
    found: Map<SeenObject, Held>,
    free: Set<Held>,
    about: {
      readonly worldFromCamera: RigidTransform;
      readonly secondsSince: (held: Held) => number;
      readonly metersPerUnit: number;
    },
  ): void {
    const pairs: { readonly object: SeenObject; readonly held: Held; readonly off: number }[] = [];
    for (const object of objects) {
      if (found.has(object)) continue;
      for (const held of free) {
        if (held.kind !== object.kind) continue;
        const off = distance(held, object, about);
        if (off <= 1) pairs.push({ object, held, off });
      }
    }
    pairs.sort((a, b) => a.off - b.off || a.held.id - b.held.id);
    for (const { object, held } of pairs) {
      if (found.has(object) || !free.has(held)) continue;
      found.set(object, held);
      free.delete(held);
    }
  }
}

/** How far a thing is from where a track should be by now, as a share of what is possible. */
function distance(
  held: Held,
  { box: { centre } }: SeenObject,
  {
    worldFromCamera,
    secondsSince,
    metersPerUnit,
  }: {
    readonly worldFromCamera: RigidTransform;
    readonly secondsSince: (held: Held) => number;
    readonly metersPerUnit: number;
  },
): number {
  const seconds = secondsSince(held);
  const expected = movedBack(worldFromCamera, predicted(held, seconds));
  const range = Math.hypot(...centre);
  const off: Vector = [expected[0] - centre[0], expected[1] - centre[1], expected[2] - centre[2]];
  const along = (off[0] * centre[0] + off[1] * centre[1] + off[2] * centre[2]) / range;
  const across = Math.sqrt(Math.max(0, off[0] ** 2 + off[1] ** 2 + off[2] ** 2 - along ** 2));
  const { side, change } = GATE[held.kind];
  const reach = (side + change * seconds) / metersPerUnit;
  return Math.hypot(across / reach, along / (reach + GATE_DEPTH * range));
}

function predicted({ place, velocity, moves }: Held, seconds: number): Vector {
  const share = moves * seconds;
  return [place[0] + share * velocity[0], place[1] + share * velocity[1], place[2] + share * velocity[2]];
}

function begun(
  id: number,
  { kind, box, labels, moves, velocity, pixels }: SeenObject,
  place: Vector,
  seenNs: bigint,
): Held {
  return {
    id,
    kind,
    place,
    moves,
    seenNs,
    size: box.size,
    frames: 1,
    velocity: velocity ?? [0, 0, 0],
    measured: velocity !== undefined,
    labels: new Map([...labels].map(([label, count]) => [label, count / pixels])),
  };
}

function follow(held: Held, object: SeenObject, place: Vector, seconds: number): void {
  held.frames += 1;
  // The first few are averaged.
  const gain = (timeConstant: number) => Math.max(1 / held.frames, 1 - Math.exp(-seconds / timeConstant));
  // What stands may be averaged for longer; the velocity of what moves errs.
  const { movingPlace, standingPlace } = FOLLOWS;
  const constant = standingPlace + object.moves * (movingPlace - standingPlace);
  held.place = between(predicted(held, seconds), place, gain(constant));
  held.size = between(held.size, object.box.size, gain(FOLLOWS.size));
  held.moves = object.moves;
  if (object.velocity !== undefined) {
    held.velocity = between(held.velocity, object.velocity, held.measured ? gain(FOLLOWS.velocity) : 1);
    held.measured = true;
  }
  const share = gain(FOLLOWS.label);
  for (const [label, known] of held.labels) held.labels.set(label, (1 - share) * known);
  for (const [label, count] of object.labels)
    held.labels.set(label, (held.labels.get(label) ?? 0) + (share * count) / object.pixels);
}

function told(held: Held, worldFromCamera: RigidTransform, focal: number): Track {
  const { id, kind, labels, size, moves, velocity, place } = held;
  const centre = movedBack(worldFromCamera, place);
  const turned = turnedBack(worldFromCamera, velocity);
  // Across the line of sight by the middle of what is seen, along it by the depth.
  const side = (MIDDLE_ERROR * Math.max(size[0], size[1])) ** 2 + (centre[2] / focal) ** 2;
  const covariance = centre.flatMap((a, row) =>
    centre.map((b, column) => DEPTH_ERROR ** 2 * a * b + (row === column ? side : 0)),
  );
  return {
    id,
    kind,
    moves,
    covariance,
    box: { centre, size },
    labels: [...labels].sort(([a, x], [b, y]) => y - x || a - b),
    velocity: [moves * turned[0], moves * turned[1], moves * turned[2]],
  };
}

function between(from: Vector, to: Vector, share: number): Vector {
  const each = (k: 0 | 1 | 2) => from[k] + share * (to[k] - from[k]);
  return [each(0), each(1), each(2)];
}

function moved(m: RigidTransform, [x, y, z]: Vector): Vector {
  const row = (i: number) =>
    (m[i] as number) * x + (m[i + 1] as number) * y + (m[i + 2] as number) * z + (m[i + 3] as number);
  return [row(0), row(4), row(8)];
}

function turnedBack(m: RigidTransform, [x, y, z]: Vector): Vector {
  const column = (i: number) => (m[i] as number) * x + (m[i + 4] as number) * y + (m[i + 8] as number) * z;
  return [column(0), column(1), column(2)];
}

function movedBack(m: RigidTransform, [x, y, z]: Vector): Vector {
  return turnedBack(m, [x - (m[3] as number), y - (m[7] as number), z - (m[11] as number)]);
}
