import test from 'ava';
import { rehearsedCount } from '../../../../training/adaptation/learning/source-samples.js';

test('more samples are rehearsed for a long drive, in whole sets, three times as many at most', (t) => {
  t.deepEqual(
    [0, 95, 319, 320, 479, 480, 5000].map((triplets) => rehearsedCount(240, triplets)),
    [240, 240, 240, 480, 480, 720, 720],
  );
});
