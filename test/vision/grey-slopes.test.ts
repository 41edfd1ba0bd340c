import test from 'ava';
import { sampleSlopes } from '../../vision/grey-slopes.js';

const width = 7;
const height = 5;

function sampled(brightnessAt: (column: number, row: number) => number, places: readonly [number, number][]) {
  const data = Float32Array.from({ length: width * height }, (_, i) =>
    brightnessAt(i % width, Math.floor(i / width)),
  );
  const numbers = () => new Float64Array(places.length + 1).fill(-1);
  const slopes = { brightness: numbers(), across: numbers(), down: numbers() };
  const [u, v] = [Float64Array.from(places, ([x]) => x), Float64Array.from(places, ([, y]) => y)];
  sampleSlopes({ width, height, data }, places.length, u, v, slopes);
  return slopes;
}

test('on a plane of brightness the slopes are its own, between pixels too', (t) => {
  const { brightness, across, down } = sampled(
    (x, y) => 10 + 3 * x - 2 * y,
    [
      [2, 2],
      [2.25, 1.5],
      [4.9, 2.1],
    ],
  );
  for (const [i, value] of [12, 13.75, 20.5].entries()) {
    t.true(Math.abs(brightness[i] - value) < 1e-4);
    t.true(Math.abs(across[i] - 3) < 1e-6);
    t.true(Math.abs(down[i] + 2) < 1e-6);
  }
  // No more than were asked for.
  t.deepEqual([brightness[3], across[3], down[3]], [-1, -1, -1]);
});

test('a slope is half the difference of the neighbours: by hand on a step edge', (t) => {
  const edge = (x: number) => (x >= 3 ? 100 : 0);
  const { brightness, across, down } = sampled(edge, [
    [1, 2],
    [2, 2],
    [2.5, 2],
    [4, 2],
  ]);
  t.deepEqual([...brightness.subarray(0, 4)], [0, 0, 50, 100]);
  t.deepEqual([...across.subarray(0, 4)], [0, 50, 50, 0]);
  t.deepEqual([...down.subarray(0, 4)], [0, 0, 0, 0]);
});

test('beyond the border the picture goes on with the border, and nothing is read outside', (t) => {
  const { brightness, across, down } = sampled(
    (x, y) => x + 10 * y,
    [
      [-5, -5],
      [50, 50],
    ],
  );
  t.is(brightness[0], 0);
  t.deepEqual([across[0], down[0]], [0.5, 5]);
  t.true(Math.abs(brightness[1] - 46) < 0.02);
  t.true([...across, ...down].every(Number.isFinite));
});
