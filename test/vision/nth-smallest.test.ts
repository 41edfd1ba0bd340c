import test from 'ava';
import { nthSmallest } from '../../vision/nth-smallest.js';

test('every place holds the value that sorting puts there', (t) => {
  const pseudo = (i: number) => ((i * 7919 + 13) % 101) / 7 - 5;
  const lists: Readonly<Record<string, Float32Array>> = {
    drawn: Float32Array.from({ length: 57 }, (_, i) => pseudo(i)),
    equal: new Float32Array(20).fill(3),
    ascending: Float32Array.from({ length: 31 }, (_, i) => i),
    descending: Float32Array.from({ length: 31 }, (_, i) => -i),
    'with the largest': Float32Array.of(4, Number.POSITIVE_INFINITY, 1, 4, 1),
    one: Float32Array.of(8),
  };
  for (const [name, list] of Object.entries(lists)) {
    const sorted = list.toSorted();
    for (let n = 0; n < list.length; n++) {
      const given = list.slice();
      t.is(nthSmallest(given, list.length, n), sorted[n], `${name}, place ${n}`);
      t.deepEqual(given.toSorted(), sorted, 'the same values');
    }
  }
});

test('values behind the count are neither looked at nor moved', (t) => {
  const values = Float32Array.of(5, 3, 4, Number.NaN, -1);
  t.is(nthSmallest(values, 3, 0), 3);
  t.deepEqual([...values.subarray(3)], [Number.NaN, -1]);
});
