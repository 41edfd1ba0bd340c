import test from 'ava';
import { createOptimizer, type OptimizerOptions } from '../../../training/optimizers/create-optimizer.js';

const GROUPS = [
  { match: /^head\./, rate: 10 },
  { match: /^fixed\./, rate: 0 },
];

for (const options of [
  { kind: 'sgd', groups: GROUPS },
  { kind: 'adam', groups: GROUPS },
] as const satisfies OptimizerOptions[]) {
  test(`${options.kind}: parameters of a group learn at its rate, the others as ever`, (t) => {
    const values = Object.fromEntries(
      ['encoder.w', 'head.w', 'fixed.w'].map((name) => [name, Float32Array.of(0)]),
    );
    const gradients = Object.fromEntries(Object.keys(values).map((name) => [name, Float32Array.of(1)]));
    createOptimizer(options).update(values, gradients, 0.01);
    // The first step of either is the learning rate times the gradient's sign, here 1.
    t.true(Math.abs((values['encoder.w']?.[0] ?? 0) + 0.01) < 1e-6);
    t.true(Math.abs((values['head.w']?.[0] ?? 0) + 0.1) < 1e-5);
    t.is(values['fixed.w']?.[0], 0);
  });
}
