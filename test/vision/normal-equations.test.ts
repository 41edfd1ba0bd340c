import test from 'ava';
import { POSE_PARAMETERS } from '../../vision/descend.js';
import { EQUATIONS, NormalEquations } from '../../vision/normal-equations.js';

const drawn = (length: number, seed: number) =>
  Float64Array.from({ length }, (_, i) => Math.sin(seed + 12.9898 * i) * 43758.5453);

test('the sums have the bits of those that are made one equation after the other', (t) => {
  const blocks = [EQUATIONS, 37];
  const count = EQUATIONS + 37;
  const [weights, residuals] = [drawn(count, 1), drawn(count, 2)];
  const all = Array.from({ length: POSE_PARAMETERS }, (_, p) => drawn(count, 3 + p));
  const equations = new NormalEquations();
  let first = 0;
  for (const some of blocks) {
    const block = all.map((by) => by.slice(first, first + EQUATIONS));
    equations.add(block, weights, residuals, first, some);
    first += some;
  }
  for (let p = 0; p < POSE_PARAMETERS; p++) {
    let right = 0;
    for (let k = 0; k < count; k++) right -= weights[k] * all[p][k] * residuals[k];
    t.is(equations.gradient[p], right);
    for (let q = 0; q <= p; q++) {
      let sum = 0;
      for (let k = 0; k < count; k++) sum += weights[k] * all[p][k] * all[q][k];
      t.is(equations.hessian[p * POSE_PARAMETERS + q], sum);
    }
  }
});

test('equations begin with zeros, and share no memory', (t) => {
  const ones = Array.from({ length: POSE_PARAMETERS }, () => new Float64Array(EQUATIONS).fill(1));
  const before = Array.from({ length: 300 }, () => {
    const equations = new NormalEquations();
    equations.add(ones, ones[0], ones[0], 0, 2);
    return equations;
  });
  for (const { hessian, gradient } of [...before, before[0]]) {
    t.is(hessian.length, POSE_PARAMETERS * POSE_PARAMETERS);
    t.is(hessian[POSE_PARAMETERS + 1], 2);
    t.is(gradient[7], -2);
  }
  t.true(new NormalEquations().hessian.every((value) => value === 0));
});
