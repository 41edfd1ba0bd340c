import test from 'ava';
import { ImagePool } from '../../../../training/datasets/batches/image-pool.js';

/** Samples of two numbers that tell which they are. */
const batch = (...ids: number[]) => Float32Array.from(ids.flatMap((id) => [id, -id]));
const idsOf = (samples: Float32Array) => Array.from(samples).filter((_, i) => i % 2 === 0);

function exchanged(pool: ImagePool, ...ids: number[]): number[] {
  const samples = batch(...ids);
  pool.exchange(samples);
  for (let i = 0; i < samples.length; i += 2) if (samples[i + 1] !== -samples[i]) return [];
  return idsOf(samples);
}

test('until it is full, everything is kept and given back', (t) => {
  const pool = new ImagePool({ capacity: 50, length: 2, seed: 3 });
  const ids = Array.from({ length: 50 }, (_, i) => i + 1);
  t.deepEqual(exchanged(pool, ...ids), ids);
  t.is(pool.size, 50);
  t.deepEqual(idsOf(pool.save().samples), ids);
});

test('then half of the samples are earlier ones, and none is lost or doubled', (t) => {
  const pool = new ImagePool({ capacity: 50, length: 2, seed: 3 });
  const shown: number[] = [];
  for (let id = 1; id <= 2000; id++) shown.push(...exchanged(pool, id));
  const late = shown.slice(50);
  const earlier = late.filter((id, i) => id !== i + 51).length;
  t.true(Math.abs(earlier / late.length - 0.5) < 0.04, `${earlier} of ${late.length}`);
  const kept = idsOf(pool.save().samples);
  // The first fifty were shown once when they came in; whatever is neither kept nor shown again would be lost.
  const again = late.filter((id) => id <= 50);
  t.is(new Set(late).size, late.length, 'nothing is shown twice once the pool is full');
  t.is(new Set([...late, ...kept]).size, late.length + 50);
  t.is(again.length + kept.filter((id) => id <= 50).length, 50);
});

test('the seed decides, and a pool that was saved goes on exactly', (t) => {
  const options = { capacity: 4, length: 2, seed: 11 };
  const run = (pool: ImagePool, from: number) =>
    Array.from({ length: 40 }, (_, i) => exchanged(pool, from + 2 * i, from + 2 * i + 1)).flat();
  const [whole, other] = [new ImagePool(options), new ImagePool({ ...options, seed: 12 })];
  const first = run(whole, 100);
  t.notDeepEqual(run(other, 100), first);
  const saved = whole.save();
  const second = run(whole, 500);
  const resumed = new ImagePool(options);
  resumed.restore(saved);
  t.deepEqual(run(resumed, 500), second, 'and what was saved did not change with the pool');
  t.deepEqual(resumed.save(), whole.save());
});

test('a pool of nothing gives everything back', (t) => {
  const pool = new ImagePool({ capacity: 0, length: 2, seed: 1 });
  t.deepEqual(exchanged(pool, 1, 2, 3), [1, 2, 3]);
  t.is(pool.size, 0);
});

test('what does not fit is refused by name', (t) => {
  const options = { capacity: 2, length: 2, seed: 1 };
  t.throws(() => new ImagePool({ ...options, capacity: 1.5 }), { message: /^capacity: .*got 1.5/ });
  t.throws(() => new ImagePool({ ...options, length: 0 }), { message: /^length: .*got 0/ });
  const pool = new ImagePool(options);
  t.throws(() => pool.exchange(new Float32Array(3)), {
    name: 'TrainingError',
    message: /^batch: .*`2`.*got 3/,
  });
  t.throws(() => pool.restore({}), { message: /^image pool: expected the saved arrays/ });
  const wider = new ImagePool({ capacity: 3, length: 2, seed: 1 });
  exchanged(wider, 1, 2, 3);
  t.throws(() => pool.restore(wider.save()), {
    name: 'TrainingError',
    message: /at most `2` saved samples.*got 6/,
  });
});
