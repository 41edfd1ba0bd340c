import type { JudgedComponent } from '../motion/judged-component.js';
import { isFirm } from './firm-depth.js';
import type { Scene } from './scene.js';

/** Shares of the firm pixels that are nearer than a row begins, and farther than it ends: chance. */
const FRONT = 0.05;
/** Share of the longest length that lies before the first place to cut, and beyond which the last lies. */
const SHORTEST = 0.7;
const LONGEST = 1.2;
/** Of the histogram of depths, as a share of the longest length: bins, and how many on either side are summed. */
const BIN = 0.1;
const BESIDE = 1;
/** Smaller pieces stay with what lies before them, pixels. */
const LEAST_PIXELS = 60;
const MOST_PIECES = 4;
/** Pixels that tell whether it is worth while to look at all. */
const MOST_ASKED = 64;

/**
 * Cuts a part of the picture that is deeper than a thing can be, such as a row of parked cars whose depths run into each
 * other, into pieces: where there is least surface, about the length of a thing behind the front of each.
 * @param longest how deep a thing is at most, depth units. @param error of depths, a share.
 */
export function cutRows(
  component: JudgedComponent,
  scene: Scene,
  longest: number,
  error: number,
): readonly JudgedComponent[] {
  const { pixels } = component;
  if (pixels.length < 2 * LEAST_PIXELS || !isDeep(pixels, scene, longest)) return [component];
  const { depth } = scene;
  const firm = pixels.filter((at) => isFirm(at, scene));
  if (firm.length < LEAST_PIXELS) return [component];
  const depths = Float32Array.from(firm, (at) => depth[at] as number).sort();
  const end = depths[Math.floor((1 - FRONT) * (depths.length - 1))] as number;
  const cuts: number[] = [];
  let front = depths[Math.floor(FRONT * (depths.length - 1))] as number;
  while (cuts.length < MOST_PIECES - 1 && end - front > longest + error * end) {
    front = emptiest(depths, front, longest);
    cuts.push(front);
  }
  return cuts.length === 0 ? [component] : piecesOf(component, cuts, depth);
}

/** Whether it may be deeper than that, by some of its pixels. */
function isDeep(pixels: Int32Array, { depth }: Pick<Scene, 'depth'>, longest: number): boolean {
  const step = Math.ceil(pixels.length / MOST_ASKED);
  let [least, most] = [Number.POSITIVE_INFINITY, 0];
  for (let i = 0; i < pixels.length; i += step) {
    const z = depth[pixels[i] as number] as number;
    if (z < least) least = z;
    if (z > most) most = z;
  }
  return most - least > longest;
}

/** Where least of the surface lies; what is farther away shows fewer pixels of it. */
function emptiest(depths: Float32Array, front: number, longest: number): number {
  const bin = BIN * longest;
  const bins = new Float64Array(Math.round(LONGEST / BIN) + BESIDE + 1);
  for (const z of depths) {
    const index = Math.floor((z - front) / bin);
    if (index >= 0 && index < bins.length) bins[index] = (bins[index] as number) + z * z;
  }
  let least = Number.POSITIVE_INFINITY;
  let best = 0;
  for (let index = Math.round(SHORTEST / BIN); index < bins.length - BESIDE; index++) {
    let sum = 0;
    for (let beside = -BESIDE; beside <= BESIDE; beside++) sum += bins[index + beside] ?? 0;
    if (sum < least) [least, best] = [sum, index];
  }
  return front + (best + 0.5) * bin;
}

function piecesOf(
  component: JudgedComponent,
  cuts: readonly number[],
  depth: Float32Array,
): JudgedComponent[] {
  const { pixels, owners } = component;
  const pieceOf = (at: number) => cuts.filter((cut) => (depth[at] as number) > cut).length;
  const counts = new Uint32Array(cuts.length + 1);
  for (const at of pixels) counts[pieceOf(at)] = (counts[pieceOf(at)] as number) + 1;
  // What is small goes with what lies before it, or behind it where nothing does.
  const kept: number[] = [];
  let last = 0;
  counts.forEach((count, piece) => {
    if (count >= LEAST_PIXELS) last = piece;
    kept.push(last);
  });
  const place = (at: number) => kept[pieceOf(at)] as number;
  const places = [...new Set(kept)];
  if (places.length < 2) return [component];
  return places.map((piece) => {
    const chosen = owners.pixels.map((at) => Number(place(at) === piece));
    return {
      ...component,
      pixels: pixels.filter((at) => place(at) === piece),
      owners: {
        pixels: owners.pixels.filter((_, i) => chosen[i] === 1),
        ids: owners.ids.filter((_, i) => chosen[i] === 1),
      },
    };
  });
}
