import test from 'ava';
import { BatchOrder } from '../../../../training/datasets/batches/batch-order.js';

const indices = Array.from({ length: 17 }, (_, i) => i * 2 + 5);
const epoch = (order: BatchOrder, number: number): number[] =>
  indices.map((_, i) => order.at(number * 17 + i));
const ascending = (a: number, b: number): number => a - b;

test('every epoch visits every sample once, in another order', (t) => {
  const order = new BatchOrder(indices, 1);
  const epochs = [0, 1, 2, 3].map((number) => epoch(order, number));
  for (const visited of epochs) t.deepEqual([...visited].sort(ascending), indices);
  t.is(new Set(epochs.map((visited) => visited.join())).size, 4);
  t.notDeepEqual(epoch(new BatchOrder(indices, 2), 0), epochs[0]);
});

test('the sequence is the same wherever it is taken up, even backwards', (t) => {
  const whole = new BatchOrder(indices, 3);
  const expected = Array.from({ length: 60 }, (_, position) => whole.at(position));
  for (const start of [0, 16, 17, 40]) {
    const resumed = new BatchOrder(indices, 3);
    for (let position = start; position < 60; position++) t.is(resumed.at(position), expected[position]);
  }
  const jumping = new BatchOrder(indices, 3);
  for (let position = 59; position >= 0; position -= 7) t.is(jumping.at(position), expected[position]);
});

test('each sample comes first about as often as any other', (t) => {
  const order = new BatchOrder([0, 1, 2, 3], 9);
  const counts = [0, 0, 0, 0];
  for (let number = 0; number < 400; number++) counts[order.at(number * 4)] += 1;
  t.true(
    counts.every((count) => Math.abs(count - 100) < 45),
    counts.join(),
  );
});

test('a set without samples is an error', (t) => {
  t.throws(() => new BatchOrder([], 1), { name: 'TrainingError' });
});
