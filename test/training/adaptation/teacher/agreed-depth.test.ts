import test from 'ava';
import { agreedDepth } from '../../../../training/adaptation/teacher/agreed-depth.js';

const { NaN: NONE, POSITIVE_INFINITY: FAR } = Number;

test('depths that agree give their geometric mean, those that do not give none', (t) => {
  const agreed = agreedDepth([
    Float32Array.of(10, 10, 10, FAR, FAR, NONE),
    Float32Array.of(12.1, 13, 9, FAR, 50, 10),
  ]);
  t.true(Math.abs(agreed[0] - 11) < 1e-5);
  t.is(agreed[1], NONE, '1.3 times as far');
  t.true(Math.abs(agreed[2] - Math.sqrt(90)) < 1e-5);
  t.is(agreed[3], FAR);
  t.is(agreed[4], NONE);
  t.is(agreed[5], NONE);
});

test('a single map stays as it is, where it says something', (t) => {
  const agreed = agreedDepth([Float32Array.of(3, 0, -1, FAR)]);
  t.true(Math.abs(agreed[0] - 3) < 1e-6);
  t.deepEqual([...agreed.slice(1)], [NONE, NONE, FAR]);
});
