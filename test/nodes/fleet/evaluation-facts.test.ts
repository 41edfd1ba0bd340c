import test from 'ava';
import { addFacts, type EvaluationFacts, reduceEvaluation } from '../../../nodes/fleet/evaluation-facts.js';

const facts = (images: number, absRel: number, meanIou?: number): EvaluationFacts => ({
  images,
  sums: { absRel: images * absRel },
  labels: meanIou === undefined ? {} : { 19: { bags: 1, sum: meanIou, pixels: 100 } },
});

test('every image weighs the same in depth, every bag in labels', (t) => {
  const reduced = reduceEvaluation([facts(1, 0.4, 0.2), facts(3, 0.2, 0.4), facts(2, 0.1)]);
  t.is(reduced.bags, 3);
  t.is(reduced.depth?.images, 6);
  t.true(Math.abs((reduced.depth?.absRel ?? 0) - (0.4 + 3 * 0.2 + 2 * 0.1) / 6) < 1e-12);
  t.true(Math.abs((reduced.meanIouOfBags['19']?.meanIou ?? 0) - 0.3) < 1e-12);
  t.is(reduced.meanIouOfBags['19']?.bags, 2);
});

test('parts that were added up before give the same', (t) => {
  const first = facts(1, 0.25, 0.5);
  const others = [facts(3, 0.5, 0.25), facts(4, 0.125)];
  t.deepEqual(addFacts([first, addFacts(others)]), addFacts([first, ...others]));
});

test('nothing to reduce is no figure, and a figure that is none stays none', (t) => {
  t.deepEqual(reduceEvaluation([]), { bags: 0, meanIouOfBags: {} });
  const reduced = reduceEvaluation([facts(1, 0.5), { images: 1, sums: { absRel: null }, labels: {} }]);
  t.is(reduced.depth?.absRel, Number.NaN);
});
