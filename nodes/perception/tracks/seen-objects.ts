import type { JudgedComponent, Mover, Vector } from '../motion/judged-component.js';
import { type Border, bordersOf } from './borders.js';
import { cutRows } from './cut-rows.js';
import { boxOf, type Extent, type Measured, measuredOf, union } from './extent.js';
import type { Scene } from './scene.js';
import type { Box, SeenObject } from './seen-object.js';

/** Metres that people are long or wide at most. */
const LONGEST_PERSON = 1.6;
/** Metres that things of a kind are high at most. */
const HIGHEST: Readonly<Record<Mover, number>> = { vehicle: 4.5, person: 2.4 };
/** Metres that a thing is high at least, as far as it is seen. */
const LEAST_HIGH = 0.3;
/** Share of the distance by which depths err within a thing. */
const DEPTH_ERROR = 0.08;
/** What the frame before knew as two things is one only where it is smaller than the largest by this factor. */
const TWO = 0.65;
/** Pairs of pixels with depths that agree from which on a border joins. */
const LEAST_ALIKE = 2;
/** Pixels that networks smear depths over at a border: smear that is thicker is not that of the thing beside it. */
const SMEAR_THICKNESS = 4;
/** Share of a border at which one part is above the other, from which on they are of one person. */
const UPRIGHT = 0.6;
/** A part of a person seems no farther than another by this factor. */
const TOO_FAR = 2;
/** Share of a component's owned samples from which on their owner counts. */
const OWNED = 0.5;

interface Group extends Measured {
  readonly members: readonly JudgedComponent[];
  readonly owner: number;
  readonly pixels: number;
  /** Metres that it may be long. */
  readonly longest: number;
}

/**
 * Puts the components of a frame together to things: neighbours of a kind and of about the same depth along their border, as
 * long as they are no larger than such a thing is. What the frame before knew as two things stays two unless it is small.
 * What is deeper than a thing is cut first; smear beside a thing is part of it.
 * @param metersPerUnit metres in a unit of depth.
 */
export function seenObjects(
  components: readonly JudgedComponent[],
  scene: Scene,
  metersPerUnit: number,
): SeenObject[] {
  const parts = components.flatMap((component) =>
    cutRows(component, scene, longestOf(component, scene) / metersPerUnit, DEPTH_ERROR),
  );
  const groups = new Groups(parts, scene);
  const borders = bordersOf(parts, scene, metersPerUnit);
  for (const border of borders) groups.joinAlike(border, metersPerUnit);
  for (const border of borders) groups.joinSmear(border);
  for (const border of borders) groups.joinUpright(border, scene, metersPerUnit);
  return groups.all.flatMap((one) =>
    isThing(one, metersPerUnit) ? [objectOf(one, scene, metersPerUnit)] : [],
  );
}

/** Parts of the picture that become things. */
class Groups {
  readonly #groups: (Group | undefined)[];
  /** Of each part: a part of its group, nearer to that which stands for all. */
  readonly #next: Int32Array;

  constructor(parts: readonly JudgedComponent[], scene: Scene) {
    this.#groups = parts.map((part) => {
      const measured = measuredOf(part.pixels, scene);
      return (
        measured && {
          ...{ ...measured, members: [part], owner: ownerOf(part) },
          ...{ pixels: part.pixels.length, longest: longestOf(part, scene) },
        }
      );
    });
    this.#next = Int32Array.from(parts.keys());
  }

  get all(): Group[] {
    return this.#groups.filter((group) => group !== undefined);
  }

  /** Joins what touches at the same depth, if both together are no larger than a thing. */
  joinAlike({ one, other, alike }: Border, metersPerUnit: number): void {
    const [a, b] = this.#pair(one, other);
    if (a === undefined || b === undefined || alike < LEAST_ALIKE || a.isNothing || b.isNothing) return;
    const areTwo = a.owner !== 0 && b.owner !== 0 && a.owner !== b.owner;
    const extent = union(a.extent, b.extent);
    const { longest } = a.pixels >= b.pixels ? a : b;
    if (!isOneThing(extent, kindOf(a), areTwo ? TWO * longest : longest, metersPerUnit)) return;
    const owner = a.owner === 0 ? b.owner : a.owner;
    this.#join(one, other, { ...a, extent, owner, longest, isSmear: a.isSmear && b.isSmear });
  }

  /** Smear between a thing and what is behind it is a part of the picture of the thing, and says nothing of its depth. */
  joinSmear({ one, other, length }: Border): void {
    const [a, b] = this.#pair(one, other);
    if (a === undefined || b === undefined) return;
    const [before, behind] = a.extent.low[2] < b.extent.low[2] ? [a, b] : [b, a];
    if (!behind.isSmear || before.isNothing || behind.pixels > SMEAR_THICKNESS * length) return;
    this.#join(one, other, before);
  }

  /** People stand upright: what touches a part of one from above or below is the same person, however far it seems. */
  joinUpright(
    { one, other, length, upright }: Border,
    { width, intrinsics }: Scene,
    metersPerUnit: number,
  ): void {
    const [a, b] = this.#pair(one, other);
    if (a === undefined || b === undefined || kindOf(a) !== 'person') return;
    const [before, behind] = a.extent.low[2] < b.extent.low[2] ? [a, b] : [b, a];
    const { low, high } = before.extent;
    if (before.isNothing || upright < UPRIGHT * length || behind.extent.low[2] > TOO_FAR * high[2]) return;
    const { columns, rows } = framed([a, b], width);
    const unit = low[2] * metersPerUnit;
    if ((columns * unit) / intrinsics.fx > LONGEST_PERSON) return;
    if ((rows * unit) / intrinsics.fy > HIGHEST.person) return;
    this.#join(one, other, before);
  }

  #pair(one: number, other: number): readonly [Group | undefined, Group | undefined] {
    const [a, b] = [this.#placeOf(one), this.#placeOf(other)];
    // The same: nothing to join.
    return a === b ? [undefined, undefined] : [this.#groups[a], this.#groups[b]];
  }

  #join(one: number, other: number, group: Group): void {
    const [a, b] = [this.#placeOf(one), this.#placeOf(other)];
    const [first, last] = [Math.min(a, b), Math.max(a, b)];
    const both = [this.#groups[first], this.#groups[last]].filter((part) => part !== undefined);
    this.#groups[first] = {
      ...group,
      members: both.flatMap(({ members }) => members),
      pixels: both.reduce((sum, { pixels }) => sum + pixels, 0),
    };
    this.#groups[last] = undefined;
    this.#next[last] = first;
  }

  #placeOf(part: number): number {
    let at = part;
    while (this.#next[at] !== at) at = this.#next[at] as number;
    return at;
  }
}

/** How wide and high groups are in the picture, pixels. */
function framed(groups: readonly Group[], width: number): { columns: number; rows: number } {
  let [left, right] = [width, -1];
  let [top, bottom] = [Number.POSITIVE_INFINITY, -1];
  for (const { members } of groups)
    for (const { pixels } of members) {
      top = Math.min(top, Math.floor((pixels[0] as number) / width));
      bottom = Math.max(bottom, Math.floor((pixels[pixels.length - 1] as number) / width));
      for (const at of pixels) {
        const column = at % width;
        if (column < left) left = column;
        if (column > right) right = column;
      }
    }
  return { columns: right - left, rows: bottom - top };
}

function kindOf({ members }: Group): Mover {
  return members[0]?.kind ?? 'vehicle';
}

/** What is left beside and above things where labels are too large is deep or flat. */
function isThing(group: Group, metersPerUnit: number): boolean {
  const { extent, longest, isNothing } = group;
  return (
    !isNothing &&
    isOneThing(extent, kindOf(group), longest, metersPerUnit) &&
    extent.high[1] - extent.low[1] >= LEAST_HIGH / metersPerUnit
  );
}

function isOneThing({ low, high }: Extent, kind: Mover, longest: number, metersPerUnit: number): boolean {
  const error = DEPTH_ERROR * high[2];
  const most = longest / metersPerUnit;
  return (
    high[0] - low[0] <= most &&
    high[2] - low[2] <= most + error &&
    high[1] - low[1] <= HIGHEST[kind] / metersPerUnit + error
  );
}

/** The mean of what its pixels show. */
function longestOf({ kind, pixels }: JudgedComponent, { labels, longest }: Scene): number {
  if (kind === 'person') return LONGEST_PERSON;
  let sum = 0;
  for (const at of pixels) sum += longest[labels[at] as number] as number;
  return sum / pixels.length;
}

/** The track that most of a component's owned samples were of; 0: none. */
function ownerOf(component: JudgedComponent): number {
  const { votes, sum } = votesOf(component);
  for (const [id, count] of votes) if (count > OWNED * sum) return id;
  return 0;
}

/** How many of the samples each track owns, and all tracks together. */
function votesOf({ owners }: JudgedComponent): { readonly votes: Map<number, number>; readonly sum: number } {
  const votes = new Map<number, number>();
  let sum = 0;
  for (const id of owners.ids) {
    if (id === 0) continue;
    votes.set(id, (votes.get(id) ?? 0) + 1);
    sum += 1;
  }
  return { votes, sum };
}

function objectOf(group: Group, { labels }: Scene, metersPerUnit: number): SeenObject {
  const { members, extent, longest } = group;
  let [pixels, moves, weight] = [0, 0, 0];
  let velocity: Vector = [0, 0, 0];
  const owners = new Map<number, number>();
  const counts = new Uint32Array(256);
  for (const member of members) {
    const size = member.pixels.length;
    pixels += size;
    moves += size * member.moves;
    if (member.velocity !== undefined) {
      weight += size;
      const [x, y, z] = member.velocity;
      velocity = [velocity[0] + size * x, velocity[1] + size * y, velocity[2] + size * z];
    }
    const { votes, sum } = votesOf(member);
    for (const [id, count] of votes) owners.set(id, (owners.get(id) ?? 0) + (size * count) / sum);
    for (const at of member.pixels) {
      const label = labels[at] as number;
      counts[label] = (counts[label] as number) + 1;
    }
  }
  for (const [id, share] of owners) owners.set(id, share / pixels);
  const kind = kindOf(group);
  return {
    kind,
    components: members,
    pixels,
    box: noLarger(boxOf(extent), longest / metersPerUnit, HIGHEST[kind] / metersPerUnit),
    labels: present(counts),
    moves: moves / pixels,
    owners,
    ...(weight > 0 && {
      velocity: [velocity[0] / weight, velocity[1] / weight, velocity[2] / weight] as const,
    }),
  };
}

/** What errors of the depth add to a box is not told: no thing is larger than such things are. */
function noLarger({ centre, size: [x, y, z] }: Box, longest: number, highest: number): Box {
  return { centre, size: [Math.min(x, longest), Math.min(y, highest), Math.min(z, longest)] };
}

function present(counts: Uint32Array): Map<number, number> {
  const found = new Map<number, number>();
  counts.forEach((count, label) => {
    if (count > 0) found.set(label, count);
  });
  return found;
}
