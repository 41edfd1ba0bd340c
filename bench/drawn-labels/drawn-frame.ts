import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { packageRoot } from '../../models/package-root.js';

const polygons = z.array(z.array(z.tuple([z.number(), z.number()])).min(3));
const frames = z.array(
  z.strictObject({
    bag: z.string(),
    index: z.int().min(0),
    width: z.int().min(1),
    height: z.int().min(1),
    road: polygons,
    ignored: polygons,
    vehicles: polygons,
    people: polygons,
  }),
);

/**
 * A frame of a recorded drive with outlines drawn by hand, pixels of the picture. Later kinds cover earlier ones: road,
 * `ignored` (too far or hidden to tell), vehicles, people. What is in none is static.
 */
export type DrawnFrame = z.infer<typeof frames>[number];

export const STATIC = 0;
export const DRAWN_ROAD = 1;
export const VEHICLE = 2;
export const PERSON = 3;
export const IGNORED = 4;

/** Outlines are good to about this many pixels: nearer to the edge of a vehicle or person nothing counts. */
const EDGE_PIXELS = 3;
/** All frames with outlines, those of a drive together and in order. */
export async function drawnFrames(): Promise<readonly DrawnFrame[]> {
  const file = path.join(packageRoot(), 'bench', 'drawn-labels', 'frames.json');
  return frames.parse(JSON.parse(await readFile(file, 'utf8')));
}

/** What is drawn at each pixel, [height, width]: STATIC, DRAWN_ROAD, VEHICLE, PERSON, or IGNORED. */
export function drawnMask({ width, height, road, ignored, vehicles, people }: DrawnFrame): Uint8Array {
  const mask = new Uint8Array(width * height).fill(STATIC);
  const kinds = [
    [road, DRAWN_ROAD],
    [ignored, IGNORED],
    [vehicles, VEHICLE],
    [people, PERSON],
  ] as const;
  for (const [shapes, kind] of kinds) for (const shape of shapes) fill(mask, width, shape, kind);
  return mask.map((kind, i) => (nearEdge(mask, width, i) ? IGNORED : kind));
}

/** Pixels whose centre lies inside: an odd number of edges is crossed on the way to them. */
function fill(mask: Uint8Array, width: number, shape: DrawnFrame['road'][number], kind: number): void {
  for (let y = 0; y < mask.length / width; y++) {
    const crossings = shape.flatMap(([x, at], i) => {
      const [nextX, nextY] = shape[(i + 1) % shape.length] ?? [x, at];
      const middle = y + 0.5;
      return at <= middle === nextY <= middle ? [] : [x + ((middle - at) / (nextY - at)) * (nextX - x)];
    });
    crossings.sort((a, b) => a - b);
    for (let i = 0; i + 1 < crossings.length; i += 2) {
      const from = Math.max(0, Math.ceil((crossings[i] ?? 0) - 0.5));
      const to = Math.min(width, Math.ceil((crossings[i + 1] ?? 0) - 0.5));
      if (to > from) mask.fill(kind, y * width + from, y * width + to);
    }
  }
}

/** Whether a vehicle or person begins or ends within EDGE_PIXELS. */
function nearEdge(mask: Uint8Array, width: number, at: number): boolean {
  const thing = isThing(mask[at]);
  const [column, row] = [at % width, Math.floor(at / width)];
  const height = mask.length / width;
  for (let y = Math.max(0, row - EDGE_PIXELS); y <= Math.min(height - 1, row + EDGE_PIXELS); y++)
    for (let x = Math.max(0, column - EDGE_PIXELS); x <= Math.min(width - 1, column + EDGE_PIXELS); x++)
      if (isThing(mask[y * width + x]) !== thing) return true;
  return false;
}

function isThing(kind: number | undefined): boolean {
  return kind === VEHICLE || kind === PERSON;
}
