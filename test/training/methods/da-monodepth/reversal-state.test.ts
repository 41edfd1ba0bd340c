import test from 'ava';
import { reversalState } from '../../../../training/methods/da-monodepth/reversal-state.js';

test('all batches of a step reverse alike, from 0 in the first step to nearly 1 in the last', async (t) => {
  const state = reversalState({ reversal: 'rising' }, { steps: 3, batchesPerStep: 2 });
  const strengths = await Promise.all(
    [0, 1, 2, 3, 4, 5].map(async (index) => (await state.before({}, index, 'all')).reversal?.[0]),
  );
  const halfway = 2 / (1 + Math.exp(-5)) - 1;
  const last = 2 / (1 + Math.exp(-10)) - 1;
  t.deepEqual(strengths, [0, 0, halfway, halfway, last, last].map(Math.fround));
});
