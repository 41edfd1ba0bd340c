import test from 'ava';
import { CITYSCAPES_CLASSES } from '../../../../models/class-table.js';
import { identityTransform } from '../../../../msgs/camera/rigid-transform.js';
import { kindOfLabel } from '../../../../nodes/perception/motion/kind-of-label.js';
import { MotionTracker, type TrackedFrame } from '../../../../nodes/perception/motion/motion-tracker.js';
import { KIND } from '../../../../nodes/perception/motion/motion-view.js';
import { dynamicOverlap } from '../../../../nodes/perception/motion/warp-mask.js';
import { type Board, flatScene, SCENE } from './flat-scene.js';

const KINDS = kindOfLabel(CITYSCAPES_CLASSES.map((entry) => ({ ...entry, color: [...entry.color] })));
const HOUSES: readonly Board[] = [
  { left: -7, top: -2, width: 4, height: 3, z: 22, kind: 'none' },
  { left: 3.2, top: -1.5, width: 3, height: 2.5, z: 26, kind: 'none' },
];
const PARKED: Board = { left: 2.6, top: -0.7, width: 1.8, height: 1.5, z: 20, kind: 'vehicle' };
const CROSSING: Board = { left: -4, top: -0.7, width: 2, height: 1.5, z: 12, vx: 9, kind: 'vehicle' };

/** As the engine gives frames. */
function frame(boards: readonly Board[], z: number, seconds: number, scale = 1): TrackedFrame {
  const view = flatScene([...HOUSES, ...boards], { x: 0, z }, seconds);
  const { height, width, stampNs, intrinsics, kinds } = view;
  const image = new Uint8Array(3 * height * width);
  const grey = view.grey[0]?.data ?? [];
  for (let i = 0; i < image.length; i++) image[i] = Math.round(grey[Math.floor(i / 3)] ?? 0);
  const labels = kinds.map((kind) => (kind === KIND.vehicle ? 13 : kind === KIND.person ? 11 : 2));
  const depth = view.depth.map((value) => value * scale);
  return { stampNs, intrinsics, scale, maps: { height, width, image, depth, labels, pointStride: 0 } };
}

test('people are persons and riders, the other dynamic classes vehicles', (t) => {
  t.deepEqual([...KINDS.slice(10, 20)], [0, 2, 2, 1, 1, 1, 1, 1, 1, 0]);
});

test('Lambda is 1 without anything dynamic, near 1 with parked cars and low with a crossing one', (t) => {
  const lambdas = (boards: readonly Board[]) => {
    const tracker = new MotionTracker(KINDS);
    return [0, 1, 2].map((i) => tracker.track(frame(boards, 0.4 * i, i / 10), 1).lambda);
  };
  const [first, second] = lambdas([]);
  t.is(first, Number.NaN);
  t.is(second, 1);
  t.true((lambdas([PARKED])[2] ?? 0) > 0.85);
  t.true((lambdas([CROSSING])[2] ?? 1) < 0.6);
});

test('Lambda and mu_t by hand: a mask of 4 columns that moved by 2 has 2 in common and 6 in all', (t) => {
  const [height, width] = [3, 12];
  const row = (from: number) => Array.from({ length: width }, (_, i) => (i >= from && i < from + 4 ? 1 : 0));
  const [before, now] = [3, 5].map((from) => Uint8Array.from([...row(from), ...row(from), ...row(from)]));
  const depth = new Float32Array(height * width).fill(Number.POSITIVE_INFINITY);
  const view = {
    height,
    width,
    depth,
    kinds: now ?? new Uint8Array(),
    intrinsics: { fx: 10, fy: 10, cx: 5, cy: 1 },
  };
  const { lambda, either } = dynamicOverlap(view, before ?? new Uint8Array(), identityTransform());
  t.is(lambda, 2 / 6);
  t.deepEqual([...either.slice(0, width)], [0, 0, 0, 1, 1, 1, 1, 1, 1, 0, 0, 0]);
});

test('a metric scale that changes from frame to frame changes no pose', (t) => {
  const run = (scales: readonly number[]) => {
    const tracker = new MotionTracker(KINDS);
    return scales.map((scale, i) => tracker.track(frame([PARKED], 0.5 * i, i / 10, scale), 1).ego);
  };
  const [plain, scaled] = [run([1, 1, 1]), run([1, 2.5, 1.7])];
  for (const i of [1, 2]) {
    const [a, b] = [plain[i]?.earlierFromLater[11] ?? 0, scaled[i]?.earlierFromLater[11] ?? 9];
    t.true(Math.abs(a - b) < 1e-3, `${a} ${b}`);
    t.true(Math.abs(a - 0.5) < 0.06, String(a));
  }
});

test('a frame that is not later, comes long after or has another size begins anew', (t) => {
  const tracker = new MotionTracker(KINDS);
  const known = (given: TrackedFrame) => tracker.track(given, 1).ego !== undefined;
  t.false(known(frame([], 0, 0)));
  t.true(known(frame([], 0.4, 0.1)));
  t.false(known(frame([], 0.4, 0.1)), 'the same stamp');
  t.false(known(frame([], 0.4, 0.05)), 'earlier');
  t.false(known(frame([], 0.4, 9)), 'a gap');
  const other = frame([], 0.4, 9.1);
  const maps = { ...other.maps, height: SCENE.height - 1, image: other.maps.image.slice(3 * SCENE.width) };
  t.false(known({ ...other, maps }), 'another size');
  tracker.reset();
  t.false(known(frame([], 0.4, 9.2)), 'reset');
});

test('without segmentation nothing is dynamic and nothing moves', (t) => {
  const tracker = new MotionTracker(KINDS);
  const plain = (i: number) => {
    const { maps, ...rest } = frame([CROSSING], 0.4 * i, i / 10);
    const { labels: _, ...others } = maps;
    return { ...rest, maps: others };
  };
  tracker.track(plain(0), 1);
  const { lambda, moving } = tracker.track(plain(1), 1);
  t.is(lambda, 1);
  t.false(moving.includes(255));
});
