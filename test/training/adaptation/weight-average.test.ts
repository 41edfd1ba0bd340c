import test from 'ava';
import { WeightAverage } from '../../../training/adaptation/weight-average.js';
import type { Parameters } from '../../../training/weights/parameters.js';

const parameters = (values: Float32Array): Parameters =>
  new Map([
    [
      'a',
      {
        spec: { name: 'a', shape: [2], trainable: true, initializer: { kind: 'constant', value: 0 } },
        values,
      },
    ],
  ]);

test('the weights become the mean of those that were added', (t) => {
  const values = Float32Array.of(1, 10);
  const trained = parameters(values);
  const average = new WeightAverage();
  average.apply(trained);
  t.deepEqual([...values], [1, 10], 'nothing was added');
  average.add(trained);
  values.set([4, -20]);
  average.add(trained);
  values.set([7, 40]);
  average.add(trained);
  average.apply(trained);
  t.deepEqual([...values], [4, 10]);
});
