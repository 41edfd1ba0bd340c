import test from 'ava';
import { CITYSCAPES_CLASSES } from '../../../../models/class-table.js';
import { identityTransform } from '../../../../msgs/camera/rigid-transform.js';
import { dynamicInEither } from '../../../../nodes/perception/motion/dynamic-in-either.js';
import { dynamicOverlap } from '../../../../nodes/perception/motion/dynamic-overlap.js';
import { kindOfLabel } from '../../../../nodes/perception/motion/kind-of-label.js';
import { MotionTracker, type TrackedFrame } from '../../../../nodes/perception/motion/motion-tracker.js';
import { KIND } from '../../../../nodes/perception/motion/motion-view.js';
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
  const lambdas = (boards: readonly Board[], rate = 10) => {
    const tracker = new MotionTracker(KINDS);
    return Array.from(
      { length: Math.ceil(0.6 * rate) + 1 },
      (_, i) => tracker.track(frame(boards, (4 * i) / rate, i / rate), 1).lambda,
    );
  };
  const empty = lambdas([]);
  t.deepEqual(empty, [...Array<number>(5).fill(Number.NaN), 1, 1]);
  const [parked = 0, crossing = 1, more = 0] = [
    lambdas([PARKED]),
    lambdas([CROSSING]),
    lambdas([CROSSING], 20),
  ].map((all) => all.at(-1));
  t.true(parked > 0.85, String(parked));
  t.true(crossing < 0.2, String(crossing));
  t.true(Math.abs(more - crossing) < 0.05, 'more frames a second change nothing');
});

/** A later view of a row of 12 pixels, three times, and an earlier one; both infinitely far unless depths are given. */
function rows({ now, before, depth = {} }: { now: number; before: number; depth?: Record<number, number> }) {
  const [height, width] = [3, 12];
  const kinds = [now, before].map((from) =>
    Uint8Array.from({ length: 36 }, (_, i) => (i % width >= from && i % width < from + 4 ? 1 : 0)),
  );
  const far = () => new Float32Array(height * width).fill(Number.POSITIVE_INFINITY);
  const earlierDepth = far().map((z, i) => depth[i % width] ?? z);
  const [later = new Uint8Array(), earlier = new Uint8Array()] = kinds;
  const intrinsics = { fx: 10, fy: 10, cx: 5, cy: 1 };
  return {
    later: { height, width, depth: far(), kinds: later, intrinsics },
    earlier: { depth: earlierDepth, kinds: earlier },
  };
}

test('Lambda and mu_t by hand: a mask of 4 columns that moved by 2 has 2 in common and 6 in all', (t) => {
  const { later, earlier } = rows({ now: 5, before: 3 });
  t.is(dynamicOverlap(later, earlier, identityTransform()), 2 / 6);
  const either = dynamicInEither(later, earlier.kinds, identityTransform());
  t.deepEqual([...either.slice(0, 12)], [0, 0, 0, 1, 1, 1, 1, 1, 1, 0, 0, 0]);
});

test('Lambda leaves out what something nearer hid, and what lay outside of the earlier picture', (t) => {
  // Column 7, of the later mask alone, lay behind something at 9 m: 2 in common, 5 in all.
  const { later, earlier } = rows({ now: 5, before: 3, depth: { 7: 9 } });
  t.is(dynamicOverlap(later, earlier, identityTransform()), 2 / 5);
  // The earlier camera was turned by 4 columns: columns 8 to 11 of the later view lay outside of its picture.
  const turned = rows({ now: 6, before: 10 });
  const angle = Math.atan2(4, 10);
  const earlierFromLater = identityTransform();
  earlierFromLater[0] = Math.cos(angle);
  earlierFromLater[2] = Math.sin(angle);
  earlierFromLater[8] = -Math.sin(angle);
  earlierFromLater[10] = Math.cos(angle);
  t.is(dynamicOverlap(turned.later, turned.earlier, earlierFromLater), 1);
  const either = dynamicInEither(turned.later, turned.earlier.kinds, earlierFromLater);
  t.deepEqual([...either.slice(0, 12)], [0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 0, 0]);
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

test('a zoom or another window of the sensor begins anew, another resolution of the same view does not', (t) => {
  const known = (change: (intrinsics: TrackedFrame['intrinsics']) => TrackedFrame['intrinsics']) => {
    const tracker = new MotionTracker(KINDS);
    tracker.track(frame([], 0, 0), 1);
    const later = frame([], 0.4, 0.1);
    return tracker.track({ ...later, intrinsics: change(later.intrinsics) }, 1).ego !== undefined;
  };
  t.true(known((same) => same));
  // Rounding, when intrinsics of half the resolution are taken to the network's pixels.
  t.true(known(({ fx, fy, cx, cy }) => ({ fx: 1.003 * fx, fy, cx: cx + 0.5, cy })));
  t.false(
    known(({ fx, fy, ...rest }) => ({ fx: 1.2 * fx, fy: 1.2 * fy, ...rest })),
    'a zoom',
  );
  t.false(
    known(({ cx, ...rest }) => ({ cx: cx + SCENE.width / 10, ...rest })),
    'another window',
  );
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
  for (let i = 0; i < 5; i++) tracker.track(plain(i), 1);
  const { lambda, moving } = tracker.track(plain(5), 1);
  t.is(lambda, 1);
  t.false(moving.includes(255));
});
