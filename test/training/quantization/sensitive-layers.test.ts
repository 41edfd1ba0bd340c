import test from 'ava';
import { outputChange } from '../../../training/quantization/output-change.js';
import { chooseFloatLayers } from '../../../training/quantization/sensitive-layers.js';

/** Every layer costs what it is said to cost unless it is float. */
function search(costs: Readonly<Record<string, number>>, goal: number, most = 10) {
  let runs = 0;
  return {
    runs: () => runs,
    choice: chooseFloatLayers({
      convolutions: Object.keys(costs),
      goal,
      most,
      report: () => {},
      measure: async (float) => {
        runs++;
        const depth = Object.entries(costs).reduce((sum, [id, cost]) => sum + (float.has(id) ? 0 : cost), 0);
        return { depth, labels: 0 };
      },
    }),
  };
}

test('the layers that cost most stay in float, and no more than are needed', async (t) => {
  const { float, change } = await search({ a: 0.001, b: 0.05, c: 0.002, d: 0.02 }, 0.01).choice;
  t.deepEqual([...float].toSorted(), ['b', 'd']);
  t.true(Math.abs(change.depth - 0.003) < 1e-9);
});

test('nothing is searched where all of it in 8 bits is good enough', async (t) => {
  const { choice, runs } = search({ a: 0.001, b: 0.002 }, 0.01);
  t.deepEqual((await choice).float, []);
  t.is(runs(), 1);
});

test('where the goal cannot be met, the best within the limit is kept', async (t) => {
  const { float } = await search({ a: 0.1, b: 0.2, c: 0.3 }, 0.01, 2).choice;
  t.deepEqual(float, ['c', 'b']);
});

test('the change of outputs is the mean log ratio of depths, holes included, and the share of other classes', (t) => {
  const reference = {
    depth: Float32Array.of(2, 10, Number.POSITIVE_INFINITY, 5),
    labels: Uint8Array.of(0, 1, 10, 3),
  };
  const answer = { depth: Float32Array.of(2.2, 9, 50, Number.NaN), labels: Uint8Array.of(0, 2, 10, 3) };
  const { depth, labels } = outputChange([answer], [reference]);
  // Where one has no depth, the farthest of the reference stands for it: 50 m instead of none, and none instead of 5 m.
  const expected = (Math.log(1.1) - Math.log(0.9) + Math.log(50 / 10) + Math.log(10 / 5)) / 4;
  t.true(Math.abs(depth - expected) < 1e-6);
  t.is(labels, 0.25);
});
