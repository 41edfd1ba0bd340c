import test from 'ava';
import { matchStamps, type Stamped } from '../../../../training/datasets/bag/match-stamps.js';

async function* stream(...stamps: number[]): AsyncGenerator<Stamped<number>> {
  for (const stamp of stamps) yield { stampNs: BigInt(stamp), value: stamp };
}

async function matches(left: number[], right: number[], tolerance: number) {
  const result: (number | undefined)[] = [];
  for await (const { match } of matchStamps(stream(...left), stream(...right), BigInt(tolerance)))
    result.push(match);
  return result;
}

test('with tolerance 0 only equal stamps match', async (t) => {
  t.deepEqual(await matches([10, 20, 30], [10, 21, 30], 0), [10, undefined, 30]);
});

test('within the tolerance the nearest stamp matches, and one may match twice', async (t) => {
  t.deepEqual(await matches([100, 110, 200], [95, 104, 208], 10), [104, 104, 208]);
});

test('stamps that are out of order among neighbours still match', async (t) => {
  t.deepEqual(await matches([20, 10, 40, 30], [10, 30, 20, 40], 0), [20, 10, 40, 30]);
});

test('either side may end first or be empty', async (t) => {
  t.deepEqual(await matches([10, 20], [10], 0), [10, undefined]);
  t.deepEqual(await matches([10, 20], [], 5), [undefined, undefined]);
  t.deepEqual(await matches([], [1, 2], 5), []);
});

test('a long right side is read no further than needed and closed at the end', async (t) => {
  let pulled = 0;
  let closed = false;
  async function* endless(): AsyncGenerator<Stamped<number>> {
    try {
      for (let i = 0; ; i++) {
        pulled++;
        yield { stampNs: BigInt(i), value: i };
      }
    } finally {
      closed = true;
    }
  }
  for await (const { match } of matchStamps(stream(0, 50), endless(), 0n))
    t.true(match === 0 || match === 50);
  t.is(pulled, 51);
  t.true(closed);
});
