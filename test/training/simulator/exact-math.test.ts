import test from 'ava';
import fc from 'fast-check';
import { atan2, cos, exp, log, pow, sin } from '../../../training/simulator/exact-math.js';

const near = (actual: number, expected: number, tolerance: number): boolean =>
  Math.abs(actual - expected) <= tolerance * Math.max(1, Math.abs(expected));

test('the elementary functions agree with those of the engine', (t) => {
  fc.assert(
    fc.property(fc.double({ min: -1000, max: 1000, noNaN: true }), (x) => {
      return near(sin(x), Math.sin(x), 1e-7) && near(cos(x), Math.cos(x), 1e-7);
    }),
  );
  fc.assert(
    fc.property(fc.double({ min: -50, max: 50, noNaN: true }), (x) => near(exp(x), Math.exp(x), 1e-10)),
  );
  fc.assert(
    fc.property(fc.double({ min: 1e-9, max: 1e9, noNaN: true }), (x) => near(log(x), Math.log(x), 1e-10)),
  );
  fc.assert(
    fc.property(
      fc.double({ min: 0, max: 100, noNaN: true }),
      fc.double({ min: -3, max: 3, noNaN: true }),
      (x, y) => x < 1e-6 || near(pow(x, y), x ** y, 1e-9),
    ),
  );
  fc.assert(
    fc.property(
      fc.double({ min: -9, max: 9, noNaN: true }),
      fc.double({ min: -9, max: 9, noNaN: true }),
      (y, x) => Math.abs(x) + Math.abs(y) < 1e-9 || near(atan2(y, x), Math.atan2(y, x), 1e-6),
    ),
  );
  t.is(atan2(-0, -1), -Math.PI);
  t.is(atan2(0, -1), Math.PI);
  t.pass();
});
