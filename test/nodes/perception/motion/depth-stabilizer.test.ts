import test from 'ava';
import { identityTransform, type RigidTransform } from '../../../../msgs/camera/rigid-transform.js';
import { eachFactorRow } from '../../../../nodes/perception/motion/depth-factors.js';
import { DepthStabilizer } from '../../../../nodes/perception/motion/depth-stabilizer.js';
import type { UnposedView } from '../../../../nodes/perception/motion/ego-motion.js';
import { KIND } from '../../../../nodes/perception/motion/motion-view.js';

const [HEIGHT, WIDTH] = [32, 48];
const FOCAL = 40;
const INTRINSICS = { fx: FOCAL, fy: FOCAL, cx: (WIDTH - 1) / 2, cy: (HEIGHT - 1) / 2 };
const STEP_METERS = 0.5;

/** The camera went half a metre ahead. */
const AHEAD: RigidTransform = identityTransform();
AHEAD[11] = STEP_METERS;

/** A wall across the view, seen from `frame` steps on: its depth times `error`, and whatever a change makes of a pixel. */
function wall(
  frame: number,
  error: number,
  change: (column: number, depth: number) => number = (_, depth) => depth,
  extra: Partial<UnposedView> = {},
): UnposedView {
  const meters = 20 - frame * STEP_METERS;
  const depth = Float32Array.from({ length: HEIGHT * WIDTH }, (_, i) => change(i % WIDTH, meters * error));
  return {
    ...{ stampNs: BigInt(frame), height: HEIGHT, width: WIDTH, intrinsics: INTRINSICS, depth },
    grey: [] as unknown as UnposedView['grey'], // not looked at
    kinds: new Uint8Array(HEIGHT * WIDTH),
    ...extra,
  };
}

/** The steadied depth of every pixel. */
function steadied(stabilizer: DepthStabilizer, view: UnposedView, ego?: RigidTransform): Float32Array {
  const factors = stabilizer.stabilize(view, ego);
  const out = view.depth.slice();
  eachFactorRow(factors, { height: HEIGHT, width: WIDTH, stride: 1 }, (row, values) => {
    for (let x = 0; x < WIDTH; x++) out[row * WIDTH + x] = (out[row * WIDTH + x] ?? 0) * (values[x] ?? 0);
  });
  return out;
}

const MIDDLE = (HEIGHT / 2) * WIDTH + WIDTH / 2;
/** Errors of a depth that flickers. */
const ERRORS = [1, 1.1, 0.93, 1.08, 0.9, 1.05, 0.95, 1.1, 0.92, 1.04];
const spread = (values: readonly number[]) =>
  values.slice(1).reduce((sum, value, i) => sum + Math.abs(Math.log(value / (values[i] ?? 1))), 0);

test('the depth of a wall that is approached flickers less, and does not lag behind', (t) => {
  const stabilizer = new DepthStabilizer();
  const relative = ERRORS.map((error, frame) => {
    const depth = steadied(stabilizer, wall(frame, error), frame === 0 ? undefined : AHEAD);
    return (depth[MIDDLE] ?? 0) / (20 - frame * STEP_METERS);
  });
  t.true(spread(relative) < 0.5 * spread(ERRORS), `${spread(relative)} of ${spread(ERRORS)}`);
  // Without noise nothing is changed, however fast the wall comes.
  const exact = new DepthStabilizer();
  for (let frame = 0; frame < 10; frame++) {
    const view = wall(frame, 1);
    const depth = steadied(exact, view, frame === 0 ? undefined : AHEAD);
    for (const [i, value] of depth.entries()) t.true(Math.abs(value / (view.depth[i] ?? 0) - 1) < 1e-4);
  }
});

test('a first frame, and one after a motion that nobody knows, stay as they are', (t) => {
  const stabilizer = new DepthStabilizer();
  t.deepEqual(steadied(stabilizer, wall(0, 1)), wall(0, 1).depth);
  t.deepEqual(steadied(stabilizer, wall(1, 1.1)), wall(1, 1.1).depth);
  stabilizer.reset();
  t.deepEqual(steadied(stabilizer, wall(2, 0.9), AHEAD), wall(2, 0.9).depth);
});

test('people and vehicles are left alone, now and where they were', (t) => {
  const kinds = (from: number) =>
    Uint8Array.from({ length: HEIGHT * WIDTH }, (_, i) =>
      i % WIDTH >= from && i % WIDTH < from + 12 ? KIND.vehicle : KIND.none,
    );
  const stabilizer = new DepthStabilizer();
  steadied(stabilizer, wall(0, 1, undefined, { kinds: kinds(12) }));
  const view = wall(1, 1.1, undefined, { kinds: kinds(24) });
  const depth = steadied(stabilizer, view, AHEAD);
  const row = (HEIGHT / 2) * WIDTH;
  const changed = (column: number) =>
    Math.abs((depth[row + column] ?? 0) / (view.depth[row + column] ?? 0) - 1);
  for (const column of [16, 30]) t.true(changed(column) < 1e-6, `${column}: ${changed(column)}`);
  for (const column of [4, 42]) t.true(changed(column) > 0.02, `${column}: ${changed(column)}`);
});

test('what was hidden, and what stands before an edge, is the own depth of the frame', (t) => {
  // A pole 5 m away covers the wall; a frame later it is elsewhere.
  const pole = (from: number) => (column: number, depth: number) =>
    column >= from && column < from + 8 ? 5 : depth;
  const stabilizer = new DepthStabilizer();
  steadied(stabilizer, wall(0, 1, pole(10)));
  const view = wall(1, 1.08, pole(28));
  const depth = steadied(stabilizer, view, AHEAD);
  const row = (HEIGHT / 2) * WIDTH;
  for (const column of [13, 14, 30, 31, 32]) {
    const ratio = (depth[row + column] ?? 0) / (view.depth[row + column] ?? 0);
    t.true(Math.abs(ratio - 1) < 1e-6, `${column}: ${ratio}`);
  }
});

test('a frame that is sure keeps more of its own depth than one that is not', (t) => {
  const sure = new Uint8Array(HEIGHT * WIDTH).fill(230);
  const unsure = new Uint8Array(HEIGHT * WIDTH).fill(60);
  const after = (first: Uint8Array, second: Uint8Array) => {
    const stabilizer = new DepthStabilizer();
    steadied(stabilizer, wall(0, 1, undefined, { confidence: first }));
    const depth = steadied(stabilizer, wall(1, 1.1, undefined, { confidence: second }), AHEAD);
    return (depth[MIDDLE] ?? 0) / 19.5;
  };
  t.true(after(unsure, sure) > after(sure, sure));
  t.true(after(sure, unsure) < after(sure, sure));
});

test('the sky, and what has no depth, stay so', (t) => {
  const stabilizer = new DepthStabilizer();
  const holes = (column: number, depth: number) =>
    column < 10 ? Number.POSITIVE_INFINITY : column > 40 ? Number.NaN : depth;
  steadied(stabilizer, wall(0, 1, holes));
  const depth = steadied(stabilizer, wall(1, 1.05, holes), AHEAD);
  const row = (HEIGHT / 2) * WIDTH;
  t.is(depth[row + 3], Number.POSITIVE_INFINITY);
  t.is(depth[row + 45], Number.NaN);
  t.true(depth.every((value) => Number.isNaN(value) || value > 0));
});
