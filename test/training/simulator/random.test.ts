import test from 'ava';
import { Random } from '../../../training/simulator/random.js';

test('a seed gives the same numbers, another seed or stream others', (t) => {
  const draw = (seed: number, stream?: number): number[] => {
    const random = new Random(seed, stream);
    return Array.from({ length: 8 }, () => random.uint32());
  };
  t.deepEqual(draw(7), draw(7));
  t.notDeepEqual(draw(7), draw(8));
  t.notDeepEqual(draw(7), draw(7, 1));
  // Seeds beyond 32 bits count in full.
  t.notDeepEqual(draw(7), draw(7 + 2 ** 32));
});

test('uniform numbers fill their interval and normal ones have the asked mean and deviation', (t) => {
  const random = new Random(1);
  let low = Infinity;
  let high = -Infinity;
  let sum = 0;
  let squares = 0;
  const n = 20000;
  for (let i = 0; i < n; i++) {
    const u = random.uniform(2, 3);
    low = Math.min(low, u);
    high = Math.max(high, u);
    const g = random.normal(5, 2);
    sum += g;
    squares += (g - 5) ** 2;
  }
  t.true(low >= 2 && low < 2.001 && high < 3 && high > 2.999);
  t.true(Math.abs(sum / n - 5) < 0.06);
  t.true(Math.abs(Math.sqrt(squares / n) - 2) < 0.06);
});

test('weighted choice follows its weights and never picks weight 0', (t) => {
  const random = new Random(3);
  const counts = { a: 0, b: 0, c: 0 };
  for (let i = 0; i < 4000; i++) counts[random.weighted({ a: 1, b: 0, c: 3 })]++;
  t.is(counts.b, 0);
  t.true(Math.abs(counts.c / 4000 - 0.75) < 0.03);
});
