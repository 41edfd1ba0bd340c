import type { GroundPlane } from '../../vision/ground-plane.js';

/** Points in the camera's optical frame, metres. */
export interface PointList {
  readonly count: number;
  readonly x: ArrayLike<number>;
  readonly y: ArrayLike<number>;
  readonly z: ArrayLike<number>;
}

/** Sides of a cell on the ground, metres. */
const CELL = 0.5;
/** Cells up to this and the share of the distance apart are the same place. */
const TOLERANCE = { metres: 0.5, share: 0.1 };
/** Points of an obstacle that make a cell one; single points are edges of pixels. */
const LEAST_POINTS = 3;
/** True ground is that near to the plane, metres. */
const FLAT = 0.2;
export const DISTANCES = [1, 5, 15] as const;

/** What was found up to each of DISTANCES. */
export interface ObstacleTally {
  readonly cells: number[];
  readonly found: number[];
  /** Told where the true ground is seen and no true obstacle near, and how large that ground is. */
  readonly wrong: number[];
  readonly squareMetres: number[];
}

export interface ObstacleTruth {
  readonly points: PointList;
  /** Whether a point's label is ground. */
  readonly isGround: (index: number) => boolean;
  readonly ground: GroundPlane;
  readonly band: { readonly lowest: number; readonly highest: number };
}

export function newTally(): ObstacleTally {
  const zeros = () => DISTANCES.map(() => 0);
  return { cells: zeros(), found: zeros(), wrong: zeros(), squareMetres: zeros() };
}

/** Adds a frame: cells of a grid on the ground, of true obstacles and of the told ones. */
export function scoreObstacles(tally: ObstacleTally, truth: ObstacleTruth, told: readonly PointList[]): void {
  const { ground, band, points } = truth;
  const [obstacles, flat, said] = [
    new Map<string, number>(),
    new Map<string, number>(),
    new Map<string, number>(),
  ];
  for (let i = 0; i < points.count; i++) {
    const place = placeOf(points, i, ground);
    if (place === undefined) continue;
    if (!truth.isGround(i) && place.up >= band.lowest && place.up <= band.highest) add(obstacles, place);
    else if (truth.isGround(i) && Math.abs(place.up) < FLAT) add(flat, place);
  }
  for (const list of told) {
    for (let i = 0; i < list.count; i++) {
      const place = placeOf(list, i, ground);
      if (place !== undefined) add(said, place);
    }
  }
  const solid = new Map([...obstacles].filter(([, count]) => count >= LEAST_POINTS));
  DISTANCES.forEach((distance, k) => {
    for (const cell of solid.keys()) {
      if (distanceOf(cell) > distance) continue;
      tally.cells[k] = (tally.cells[k] ?? 0) + 1;
      if (near(said, cell)) tally.found[k] = (tally.found[k] ?? 0) + 1;
    }
    for (const cell of flat.keys()) {
      if (distanceOf(cell) > distance || obstacles.has(cell)) continue;
      tally.squareMetres[k] = (tally.squareMetres[k] ?? 0) + CELL * CELL;
      if (said.has(cell) && !near(obstacles, cell)) tally.wrong[k] = (tally.wrong[k] ?? 0) + 1;
    }
  });
}

function placeOf({ x, y, z }: PointList, i: number, { a, b, c }: GroundPlane) {
  const [px, py, pz] = [x[i] as number, y[i] as number, z[i] as number];
  if (!(pz > 0 && pz < 100)) return undefined;
  const length = Math.sqrt(1 + b * b + c * c);
  const up = (a + b * px + c * pz - py) / length;
  // The foot of the point on the plane, ahead and to the left of the camera.
  const [upY, upZ] = [-1 / length, c / length];
  const tilt = Math.hypot(upY, upZ);
  return { up, ahead: (-upY * pz + upZ * py) / tilt, left: -px };
}

type Place = NonNullable<ReturnType<typeof placeOf>>;

function add(cells: Map<string, number>, { ahead, left }: Place): void {
  const key = `${Math.floor(ahead / CELL)} ${Math.floor(left / CELL)}`;
  cells.set(key, (cells.get(key) ?? 0) + 1);
}

function indices(cell: string): [number, number] {
  const [ahead = 0, left = 0] = cell.split(' ').map(Number);
  return [ahead, left];
}

function distanceOf(cell: string): number {
  const [ahead, left] = indices(cell);
  return CELL * Math.hypot(ahead + 0.5, left + 0.5);
}

function near(cells: ReadonlyMap<string, number>, cell: string): boolean {
  const [ahead, left] = indices(cell);
  const reach = Math.round((TOLERANCE.metres + TOLERANCE.share * distanceOf(cell)) / CELL);
  for (let i = -reach; i <= reach; i++)
    for (let j = -reach; j <= reach; j++) if (cells.has(`${ahead + i} ${left + j}`)) return true;
  return false;
}
