import test from 'ava';
import { mapState } from '../../../../training/methods/dada/map-state.js';

const result = (update: string, map: Float32Array) => ({
  ...{ loss: 0, metrics: {}, gradients: {}, updates: {}, update },
  host: { sourceMap: map },
});

test('the maps of every batch of a step reach the discriminators of the same batch, as they were', async (t) => {
  const state = mapState('d');
  const memory = new Float32Array(2);
  for (const index of [4, 5]) {
    t.deepEqual(await state.before({}, index, 'networks'), {});
    memory.fill(index);
    state.after(result('networks', memory), {});
  }
  t.deepEqual(await state.before({}, 4, 'd'), { sourceMap: Float32Array.of(4, 4) });
  state.after(result('d', memory), {});
  t.deepEqual(await state.before({}, 5, 'd'), { sourceMap: Float32Array.of(5, 5) });
  t.throws(() => state.before({}, 5, 'd'), { message: /batch 5 has no maps/ });
  t.deepEqual(state.save(), {});
});
