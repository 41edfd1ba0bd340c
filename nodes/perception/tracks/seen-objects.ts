import type { JudgedComponent, Mover, Vector } from '../motion/judged-component.js';
import type { MotionView } from '../motion/motion-view.js';
import { boxOf, type Extent, extentOf, union } from './extent.js';
import type { Box, SeenObject } from './seen-object.js';

/** What of a frame the components are components of. */
export type Scene = Pick<MotionView, 'depth' | 'kinds' | 'height' | 'width' | 'intrinsics'> & {
  /** [H, W] the model's classes. */
  readonly labels: Uint8Array;
  /** [256] metres that a vehicle of each label is long or wide at most. */
  readonly longest: ArrayLike<number>;
};

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
/** Neighbouring pixels of one thing have depths within this factor. */
const STEP = 1.12;
/** Pixels of a border that are no chance. */
const LEAST_BORDER = 2;
/** Share of a component's samples from which on its owner counts. */
const OWNED = 0.5;

// Used again from one frame to the next.
let memory = new Int32Array(0);

interface Group {
  readonly members: JudgedComponent[];
  extent: Extent;
  readonly owner: number;
  readonly pixels: number;
  /** Metres that it may be long. */
  readonly longest: number;
}

/**
 * Puts the components of a frame together to things: neighbours of a kind and of about the same depth along their border, as
 * long as they are no larger than such a thing is. What the frame before knew as two things stays two unless it is small.
 * @param metersPerUnit metres in a unit of depth.
 */
export function seenObjects(
  components: readonly JudgedComponent[],
  scene: Scene,
  metersPerUnit: number,
): SeenObject[] {
  const groups = components.map((component): Group | undefined => {
    const extent = extentOf(component.pixels, scene);
    const pixels = component.pixels.length;
    const longest = longestOf(component, scene);
    return extent && { members: [component], extent, owner: ownerOf(component), pixels, longest };
  });
  const group = Int32Array.from(groups.keys());
  const rootOf = (index: number): number => {
    let at = index;
    while (group[at] !== at) at = group[at] as number;
    return at;
  };
  for (const [a, b] of borders(components, scene)) {
    const [x, y] = [rootOf(a), rootOf(b)].sort((left, right) => left - right) as [number, number];
    const [one, other] = [groups[x], groups[y]];
    if (x === y || one === undefined || other === undefined) continue;
    const areTwo = one.owner !== 0 && other.owner !== 0 && one.owner !== other.owner;
    const extent = union(one.extent, other.extent);
    const kind = one.members[0]?.kind ?? 'vehicle';
    const { longest } = one.pixels >= other.pixels ? one : other;
    if (!isOneThing(extent, kind, areTwo ? TWO * longest : longest, metersPerUnit)) continue;
    groups[x] = {
      members: [...one.members, ...other.members],
      extent,
      owner: one.owner === 0 ? other.owner : one.owner,
      pixels: one.pixels + other.pixels,
      longest,
    };
    groups[y] = undefined;
    group[y] = x;
  }
  return groups.flatMap((one) =>
    one !== undefined && isThing(one, metersPerUnit) ? [objectOf(one, scene, metersPerUnit)] : [],
  );
}

/** What is left beside and above things where labels are too large is deep or flat. */
function isThing({ extent, members, longest }: Group, metersPerUnit: number): boolean {
  const kind = members[0]?.kind ?? 'vehicle';
  return (
    isOneThing(extent, kind, longest, metersPerUnit) &&
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

/** The track that most of a component's samples were of; 0: none. */
function ownerOf({ owners }: JudgedComponent): number {
  let sum = 0;
  for (const votes of owners.values()) sum += votes;
  for (const [id, votes] of owners) if (votes > OWNED * sum) return id;
  return 0;
}

/** Pairs of components of a kind that touch where neither is much farther away, the longest common border first. */
function borders(
  components: readonly JudgedComponent[],
  { depth, kinds, height, width }: Scene,
): (readonly [number, number])[] {
  if (memory.length !== height * width) memory = new Int32Array(height * width);
  const member = memory.fill(-1);
  components.forEach(({ pixels }, index) => {
    for (const at of pixels) member[at] = index;
  });
  const lengths = new Map<number, number>();
  const touch = (at: number, beside: number): void => {
    const [a, b] = [member[at] as number, member[beside] as number];
    if (kinds[at] !== kinds[beside]) return;
    const [own, other] = [depth[at] as number, depth[beside] as number];
    if (!(own <= other * STEP && other <= own * STEP)) return;
    const key = Math.min(a, b) * components.length + Math.max(a, b);
    lengths.set(key, (lengths.get(key) ?? 0) + 1);
  };
  // Few of the pixels lie at a border; the last of a row has nothing to its right.
  components.forEach(({ pixels }, own) => {
    for (const at of pixels) {
      const right = member[at + 1] ?? -1;
      if (right !== own && right >= 0 && (at + 1) % width !== 0) touch(at, at + 1);
      const below = member[at + width] ?? -1;
      if (below !== own && below >= 0) touch(at, at + width);
    }
  });
  return [...lengths]
    .filter(([, length]) => length >= LEAST_BORDER)
    .sort(([keyA, a], [keyB, b]) => b - a || keyA - keyB)
    .map(([key]) => [Math.floor(key / components.length), key % components.length] as const);
}

function objectOf({ members, extent, longest }: Group, { labels }: Scene, metersPerUnit: number): SeenObject {
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
    let votes = 0;
    for (const count of member.owners.values()) votes += count;
    for (const [id, count] of member.owners) owners.set(id, (owners.get(id) ?? 0) + (size * count) / votes);
    for (const at of member.pixels) {
      const label = labels[at] as number;
      counts[label] = (counts[label] as number) + 1;
    }
  }
  for (const [id, share] of owners) owners.set(id, share / pixels);
  const kind = members[0]?.kind ?? 'vehicle';
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
