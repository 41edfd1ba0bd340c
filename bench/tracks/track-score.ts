import type { TrueThing } from './true-things.js';

/** What an output says of a thing. */
export interface SaidTrack {
  readonly id: string;
  readonly className: string;
  readonly centre: readonly [number, number, number];
  readonly velocity: readonly [number, number, number];
}

/** Smaller things do not count, pixels of the picture, nor does what is farther away, metres. */
const LEAST_PIXELS = 60;
const FARTHEST = 60;
/** A track is of a thing whose middle is this near: metres, or a share of its distance where that is more. */
const NEAR = 2;
const NEAR_SHARE = 0.2;
/** Things slower than this stand, metres a second. */
const STANDS = 0.05;

interface Pair {
  readonly thing: TrueThing;
  readonly track: SaidTrack;
  readonly off: number;
}

/**
 * CLEAR MOT: each frame's things and tracks are matched one to one, those that were matched a frame ago first, then the
 * nearest. A track on a thing that is too small or too far to count is neither right nor wrong.
 * Source: Bernardin and Stiefelhagen 2008.
 */
export class TrackScore {
  right = 0;
  wrong = 0;
  missed = 0;
  /** Of those missed: things of which the model gives less than half a dynamic class. */
  unseen = 0;
  /** Things whose track has another id than when it was last matched. */
  switches = 0;
  /** Of the matched: whether the class is right. */
  rightClass = 0;
  /** Distances of matched middles, metres; errors of velocities, metres a second, of what moves and of what stands. */
  readonly off: number[] = [];
  readonly movingError: number[] = [];
  readonly standingError: number[] = [];
  readonly #classNames: readonly string[];
  readonly #last = new Map<number, string>();

  /** @param classNames by label. */
  constructor(classNames: readonly string[]) {
    this.#classNames = classNames;
  }

  /** The frames of another drive follow. */
  beginDrive(): void {
    this.#last.clear();
  }

  add(things: readonly TrueThing[], tracks: readonly SaidTrack[]): void {
    const counts = ({ pixels, box }: TrueThing) => pixels >= LEAST_PIXELS && box.centre[2] <= FARTHEST;
    const freeThings = new Set(things.filter(counts));
    const freeTracks = new Set(tracks);
    const pairs: Pair[] = [];
    for (const thing of freeThings)
      for (const track of tracks) {
        const off = distance(thing, track);
        if (off <= reach(thing)) pairs.push({ thing, track, off });
      }
    const isOld = ({ thing, track }: Pair) => this.#last.get(thing.instance) === track.id;
    pairs.sort((a, b) => Number(isOld(b)) - Number(isOld(a)) || a.off - b.off);
    for (const pair of pairs) {
      if (!freeThings.has(pair.thing) || !freeTracks.has(pair.track)) continue;
      freeThings.delete(pair.thing);
      freeTracks.delete(pair.track);
      this.#matched(pair);
    }
    this.missed += freeThings.size;
    for (const { seen, pixels } of freeThings) if (seen < pixels / 2) this.unseen++;
    const ignored = things.filter((thing) => !counts(thing) || !freeThings.has(thing));
    for (const track of freeTracks) {
      // What lies on a thing that does not count, or is a second track of one that was matched: only the latter is wrong.
      const near = ignored.find((thing) => !counts(thing) && distance(thing, track) <= reach(thing));
      if (near === undefined && track.centre[2] <= FARTHEST) this.wrong++;
    }
  }

  #matched({ thing, track, off }: Pair): void {
    this.right++;
    this.off.push(off);
    const last = this.#last.get(thing.instance);
    if (last !== undefined && last !== track.id) this.switches++;
    this.#last.set(thing.instance, track.id);
    if (this.#classNames[thing.label] === track.className) this.rightClass++;
    const error = Math.hypot(...thing.velocity.map((value, k) => value - track.velocity[k]));
    (Math.hypot(...thing.velocity) > STANDS ? this.movingError : this.standingError).push(error);
  }

  get precision(): number {
    return this.right / (this.right + this.wrong);
  }

  get recall(): number {
    return this.right / (this.right + this.missed);
  }

  /** Among the things whose labels the model sees. */
  get recallOfSeen(): number {
    return this.right / (this.right + this.missed - this.unseen);
  }

  /** 1 - (missed + wrong + switches) / things. */
  get mota(): number {
    return 1 - (this.missed + this.wrong + this.switches) / (this.right + this.missed);
  }
}

function distance({ box }: TrueThing, { centre }: SaidTrack): number {
  return Math.hypot(...box.centre.map((value, k) => value - centre[k]));
}

function reach({ box }: TrueThing): number {
  return Math.max(NEAR, NEAR_SHARE * Math.hypot(...box.centre));
}
