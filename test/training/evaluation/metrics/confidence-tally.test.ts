import test from 'ava';
import { sparseFromDense } from '../../../../training/datasets/stores/sparse-depth.js';
import { ConfidenceTally } from '../../../../training/evaluation/metrics/confidence-tally.js';

const OPTIONS = { crop: 'none', medianScaling: false } as const;
const near = (a: number | undefined, b: number) => Math.abs((a ?? Number.NaN) - b) < 1e-6;

/** One picture of a row: truth of 10 m, depths with these relative errors. */
function evaluationOf(errors: readonly number[], confidence: readonly number[]) {
  const tally = new ConfidenceTally(OPTIONS);
  const truth = sparseFromDense(new Float32Array(errors.length).fill(10), 1, errors.length);
  const depth = Float32Array.from(errors, (error) => 10 * (1 + error));
  tally.add(truth, depth, Float32Array.from(confidence), 1);
  return tally.result();
}

test('taking the least confident away leaves the mean error of the others', (t) => {
  // Twenty pixels, one for each step; the errors are 0, 0.1, ... 1.9, and the confidence falls with them.
  const errors = Array.from({ length: 20 }, (_, i) => i / 10);
  const perfect = evaluationOf(
    errors,
    errors.map((error) => 1 - error / 2),
  );
  for (let gone = 0; gone < 20; gone++)
    t.true(near(perfect?.sparsification[gone], (19 - gone) / 20), `${gone}`);
  t.true(near(perfect?.ause, 0));
  // The mean of the oracle's curve is 19/40 and the whole error 19/20: half of the area is lost by saying nothing.
  t.true(near(perfect?.auseOfNone, 0.5));
  // The wrong way round: 1.9 is left last; the mean of (19 + gone) / 20 less that of (19 - gone) / 20, over 19/20.
  const reverse = evaluationOf(
    errors,
    errors.map((error) => error / 2),
  );
  t.true(near(reverse?.ause, 1));
});

test('what is said is compared with what came true, tenth by tenth', (t) => {
  // Within 25 %: errors of 0.2 and -0.15 are, 0.3 and -0.21 (10 / 7.9 = 1.27) are not.
  const result = evaluationOf([0.2, 0.3, -0.15, -0.21], [0.92, 0.96, 0.44, 0.46]);
  const bin = (at: number) => result?.reliability[at];
  t.is(bin(9)?.pixels, 2);
  t.true(near(bin(9)?.said, 0.94));
  t.is(bin(9)?.within, 0.5);
  t.is(bin(4)?.pixels, 2);
  t.is(bin(4)?.within, 0.5);
  t.is(bin(5)?.pixels, 0);
  t.true(near(result?.calibrationError, (0.44 + 0.05) / 2));
});

test('pixels outside of crop and range do not count, what has no depth counts as the cap', (t) => {
  const tally = new ConfidenceTally(OPTIONS);
  tally.add(
    sparseFromDense(Float32Array.of(100, 40, 70), 1, 3), // the first lies beyond the cap of 80 m
    Float32Array.of(10, Number.NaN, Number.POSITIVE_INFINITY),
    Float32Array.of(0.5, 0.5, 0.5),
    1,
  );
  const result = tally.result();
  t.is(result?.pixels, 2);
  t.true(near(result?.sparsification[0], (1 + 10 / 70) / 2));
  t.is(result?.reliability[5]?.within, 0.5);
  t.is(new ConfidenceTally(OPTIONS).result(), undefined);
});

test('the scale of the medians is applied as it is to the depth', (t) => {
  const tally = new ConfidenceTally({ crop: 'none', medianScaling: true });
  tally.add(
    sparseFromDense(Float32Array.of(10, 20), 1, 2),
    Float32Array.of(5, 10),
    Float32Array.of(0.9, 0.8),
    2,
  );
  t.is(tally.result()?.sparsification[0], 0);
});
