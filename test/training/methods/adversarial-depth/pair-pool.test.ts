import test from 'ava';
import { dropoutState } from '../../../../training/methods/adversarial-depth/dropout-state.js';
import { pairPool } from '../../../../training/methods/adversarial-depth/pair-pool.js';
import type { UpdateResult } from '../../../../training/runs/step-result.js';

const made = (...values: number[]): UpdateResult => ({
  ...{ update: 'generator', loss: 0, metrics: {}, gradients: {}, updates: {} },
  host: { generated: Float32Array.from(values) },
});

const LENGTH = 2;
const poolOf = (capacity: number) => pairPool({ capacity, length: LENGTH, seed: 4 }, 1, 'generator');

/** What the discriminator is shown of pair `i`. */
async function shown(pool: ReturnType<typeof poolOf>, i: number): Promise<number[]> {
  await pool.before({}, i, 'generator');
  pool.after(made(i, -i), {});
  return [...((await pool.before({}, i, 'discriminator')).generated ?? [])];
}

test('the discriminator is shown what the generator made of the same batch, until the pool is full', async (t) => {
  const pool = poolOf(3);
  for (const i of [1, 2, 3]) t.deepEqual(await shown(pool, i), [i, -i]);
  const later = [];
  for (let i = 4; i < 40; i++) later.push(((await shown(pool, i))[0] ?? 0) < i);
  t.true(later.includes(true) && later.includes(false), 'half of the time an earlier one');
});

test('several batches of a step wait for the discriminator, each with its own pairs', async (t) => {
  const pool = poolOf(0);
  for (const i of [6, 7]) {
    await pool.before({}, i, 'generator');
    pool.after(made(i, i), {});
  }
  t.deepEqual([...((await pool.before({}, 6, 'discriminator')).generated ?? [])], [6, 6]);
  t.deepEqual([...((await pool.before({}, 7, 'discriminator')).generated ?? [])], [7, 7]);
});

test('restored, the pool goes on as if it had never stopped', async (t) => {
  const [whole, first, second] = [poolOf(3), poolOf(3), poolOf(3)];
  for (let i = 0; i < 10; i++) t.deepEqual(await shown(first, i), await shown(whole, i));
  second.restore({});
  second.restore(first.save());
  for (let i = 10; i < 40; i++) t.deepEqual(await shown(second, i), await shown(whole, i));
});

test('depth that is not finite stops the training before it gets into the pool', async (t) => {
  const pool = poolOf(3);
  await pool.before({}, 0, 'generator');
  t.throws(() => pool.after(made(1, Number.NaN), {}), {
    name: 'TrainingError',
    message: /no longer finite.*--learning-rate/,
  });
});

test("dropout's mask is a function of seed and batch, with the share that was asked for", async (t) => {
  const state = dropoutState(4000, 0.25, 3);
  const mask = async (index: number, of = state) => [
    ...((await of.before({}, index, 'generator')).dropout ?? []),
  ];
  const first = await mask(17);
  t.deepEqual([...new Set(first.map((value) => value.toFixed(5)))].sort(), ['0.00000', '1.33333']);
  const dropped = first.filter((value) => value === 0).length / 4000;
  t.true(Math.abs(dropped - 0.25) < 0.03, `${dropped}`);
  t.notDeepEqual(await mask(18), first);
  t.deepEqual(await mask(17, dropoutState(4000, 0.25, 3)), first);
  t.notDeepEqual(await mask(17, dropoutState(4000, 0.25, 4)), first);
});
