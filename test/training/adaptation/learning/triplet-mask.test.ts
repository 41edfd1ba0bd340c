import test from 'ava';
import { mirroredPose } from '../../../../training/adaptation/learning/adaptation-batches.js';
import { tripletMask } from '../../../../training/adaptation/learning/triplet-mask.js';

const CAR = 13;
const view = { width: 8, height: 1, intrinsics: { fx: 10, fy: 10, cx: 3.5, cy: 0 } };
const aside = (x: number) => Float64Array.of(1, 0, 0, x, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1);

test('pixels of dynamic classes are masked where they are and where they come from', (t) => {
  const labels = Uint8Array.of(0, 0, CAR, 0, 0, 0, 0, 0);
  // 10 px * 1 m / 5 m: everything lies two columns to the right in the source.
  const depth = new Float32Array(8).fill(5);
  const source = { labels: Uint8Array.of(0, 0, 0, 0, 0, 0, CAR, 0), sourceFromTarget: aside(1) };
  t.deepEqual([...tripletMask(labels, depth, [source], view)], [1, 1, 0, 1, 0, 1, 1, 1]);
  // What is infinitely far does not shift.
  const far = depth.map(() => Number.POSITIVE_INFINITY);
  t.deepEqual([...tripletMask(labels, far, [source], view)], [1, 1, 0, 1, 1, 1, 0, 1]);
});

test('what lies outside of a source is not masked by it', (t) => {
  const labels = new Uint8Array(8);
  const source = { labels: new Uint8Array(8).fill(CAR), sourceFromTarget: aside(2) };
  t.deepEqual(
    [...tripletMask(labels, new Float32Array(8).fill(5), [source], view)],
    [0, 0, 0, 0, 1, 1, 1, 1],
  );
});

test('a mirrored motion moves mirrored points to mirrored places', (t) => {
  const [c, s] = [Math.cos(0.3), Math.sin(0.3)];
  const pose = Float64Array.of(c, -s, 0, 0.5, s, c, 0, -0.2, 0, 0, 1, 2, 0, 0, 0, 1);
  const move = (m: Float64Array, [x, y, z]: readonly number[]) =>
    [0, 4, 8].map((row) => m[row] * x + m[row + 1] * y + m[row + 2] * z + m[row + 3]);
  const [x, y, z] = move(pose, [1, 2, 3]);
  const mirrored = move(mirroredPose(pose), [-1, 2, 3]);
  t.true([-x - mirrored[0], y - mirrored[1], z - mirrored[2]].every((rest) => Math.abs(rest) < 1e-12));
});
