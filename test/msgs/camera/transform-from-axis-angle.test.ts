import test, { type ExecutionContext } from 'ava';
import { transformFromAxisAngle } from '../../../msgs/camera/transform-from-axis-angle.js';

function near(t: ExecutionContext, vector: number[], expected: number[]): void {
  for (const [i, value] of transformFromAxisAngle(vector).entries()) {
    t.true(Math.abs(value - (expected[i] ?? 0)) < 1e-12, `element ${i}: ${value}`);
  }
}

test('a quarter turn about z takes x to y and y to -x, then shifts', (t) => {
  near(t, [0, 0, Math.PI / 2, 1, 2, 3], [0, -1, 0, 1, 1, 0, 0, 2, 0, 0, 1, 3, 0, 0, 0, 1]);
});

test('a third of a turn about (1, 1, 1) takes x to y, y to z and z to x', (t) => {
  const each = (2 * Math.PI) / 3 / Math.sqrt(3);
  near(t, [each, each, each], [0, 0, 1, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1]);
});

test('no turn is the identity, and a tiny one its first-order change', (t) => {
  near(t, [0, 0, 0, 0, 0, 0], [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1]);
  near(t, [1e-10, 0, 0], [1, 0, 0, 0, 0, 1, -1e-10, 0, 0, 1e-10, 1, 0, 0, 0, 0, 1]);
});
