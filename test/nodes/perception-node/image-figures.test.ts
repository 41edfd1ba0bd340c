import test from 'ava';
import { ImageStatistics } from '../../../nodes/perception-node/image-figures.js';

test('age and period are those of the images of a window, by the formula', (t) => {
  const statistics = new ImageStatistics();
  statistics.arrived(1000, 10);
  statistics.arrived(1100, 20);
  statistics.arrived(1300, 60);
  const { age, period } = statistics.take();
  t.deepEqual({ ...age, stddev: 0 }, { count: 3, mean: 30, min: 10, max: 60, stddev: 0 });
  // ((10-30)^2 + (20-30)^2 + (60-30)^2) / 3
  t.true(Math.abs(age.stddev - Math.sqrt(1400 / 3)) < 1e-9);
  t.deepEqual(period, { count: 2, mean: 150, min: 100, max: 200, stddev: 50 });

  // The next window's first period reaches back to the last image; a pause has none.
  statistics.arrived(1350, undefined);
  t.like(statistics.take(), { age: { count: 0, mean: Number.NaN }, period: { count: 1, mean: 50 } });
  statistics.pause();
  statistics.arrived(9000, 5);
  t.like(statistics.take().period, { count: 0 });
});
