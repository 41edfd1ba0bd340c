import test from 'ava';
import type { MotionView } from '../../../../nodes/perception/motion/motion-view.js';
import { SeenPositions } from '../../../../nodes/perception/motion/seen-positions.js';
import type { StaticPositions } from '../../../../nodes/perception/motion/static-positions.js';

const [WIDTH, HEIGHT] = [8, 6];

/** Vehicles at 10 m everywhere, but for what `change` makes of it. */
function view(change: (depth: Float32Array, kinds: Uint8Array) => void = () => {}): MotionView {
  const depth = new Float32Array(WIDTH * HEIGHT).fill(10);
  const kinds = new Uint8Array(WIDTH * HEIGHT).fill(1);
  change(depth, kinds);
  const worldFromCamera = new Float64Array(16);
  const intrinsics = { fx: 8, fy: 8, cx: 4, cy: 3 };
  return { stampNs: 0n, width: WIDTH, height: HEIGHT, depth, kinds, grey: [], intrinsics, worldFromCamera };
}

/** Samples in row 3, in the given columns, expected at 10 m. */
function inRow(...columns: number[]): StaticPositions {
  return {
    u: Float32Array.from(columns),
    v: new Float32Array(columns.length).fill(3),
    depth: new Float32Array(columns.length).fill(10),
    spread: { u: 4, v: 3, radius: 2, depth: 10 },
  };
}

const STILL = { du: 0, dv: 0, growth: 0 };

test('seen are samples of the expected depth and of a dynamic class; farther or other things make them absent', (t) => {
  const places = new SeenPositions();
  const earlier = view((depth, kinds) => {
    depth[3 * WIDTH + 4] = 13; // 1.25 times as far, and more
    kinds[3 * WIDTH + 5] = 0;
  });
  places.find(earlier, inRow(1, 2, 4, 5), STILL);
  t.is(places.count, 2);
  t.is(places.absent, 2);
  t.deepEqual([...places.index.subarray(0, 2)], [0, 1]);
  t.deepEqual([...places.u.subarray(0, 2)], [1, 2]);
});

test('what is hidden by something nearer, even beside it, is neither seen nor absent; nor is what lies outside', (t) => {
  const places = new SeenPositions();
  const earlier = view((depth) => {
    depth[2 * WIDTH + 4] = 7; // above the sample in column 4
  });
  places.find(earlier, inRow(-1, Number.NaN, 4, 8, 6), STILL);
  t.is(places.count, 1);
  t.is(places.absent, 0);
  t.is(places.index[0], 4);
});

test('a motion shifts the samples and lets them grow around their middle, nearer by as much', (t) => {
  const places = new SeenPositions();
  const earlier = view((depth) => depth.fill(5));
  places.find(earlier, inRow(3, 5), { du: 0.25, dv: -1, growth: Math.log(2) });
  t.is(places.count, 2);
  t.deepEqual([...places.u.subarray(0, 2)], [2.25, 6.25]);
  t.deepEqual([...places.v.subarray(0, 2)], [2, 2]);
});

test('fewer samples after more leave nothing of the earlier ones', (t) => {
  const places = new SeenPositions();
  places.find(view(), inRow(1, 2, 3, 4), STILL);
  places.find(view(), inRow(6), STILL);
  t.is(places.count, 1);
  t.is(places.u[0], 6);
});
