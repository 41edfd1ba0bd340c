import test from 'ava';
import { boxMean } from '../../../../training/adaptation/teacher/box-mean.js';

test('means are those of the pixels around, as far as there are any', (t) => {
  const map = Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9);
  const mean = (...values: number[]) => values.reduce((a, b) => a + b, 0) / values.length;
  t.deepEqual(
    [...boxMean(map, 3, 3, 1)].map((value) => Number(value.toFixed(4))),
    [
      mean(1, 2, 4, 5),
      mean(1, 2, 3, 4, 5, 6),
      mean(2, 3, 5, 6),
      mean(1, 2, 4, 5, 7, 8),
      5,
      mean(2, 3, 5, 6, 8, 9),
      mean(4, 5, 7, 8),
      mean(4, 5, 6, 7, 8, 9),
      mean(5, 6, 8, 9),
    ].map((value) => Number(value.toFixed(4))),
  );
  t.deepEqual([...boxMean(map, 3, 3, 0)], [...map]);
});
