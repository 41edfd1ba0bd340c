import test from 'ava';
import { contractProblems } from '../../models/graph-contract.js';

const INPUTS =
  'image width bytes_per_pixel channel_order k scale rays point_stride want_labels want_points want_depth16'.split(
    ' ',
  );
const OUTPUTS = 'depth depth16 labels color dynamic points'.split(' ');

test('a graph needs every input and output of the contract but the optional pairs, which come whole', (t) => {
  t.deepEqual(contractProblems(INPUTS, OUTPUTS), []);
  for (const name of ['network_image', 'confidence']) {
    const pair = [
      [...INPUTS, `want_${name}`],
      [...OUTPUTS, name],
    ] as const;
    t.deepEqual(contractProblems(...pair), []);
    const half = [`it has one of \`want_${name}\` and \`${name}\``];
    t.deepEqual(contractProblems(pair[0], OUTPUTS), half);
    t.deepEqual(contractProblems(INPUTS, pair[1]), half);
  }
  const shrunk = [
    [...INPUTS, 'resized_image'],
    [...OUTPUTS, 'inverse_depth', 'depth_terms'],
  ] as const;
  t.deepEqual(contractProblems(...shrunk), []);
  t.deepEqual(contractProblems(shrunk[0], OUTPUTS), [
    'it has one of `resized_image` and `inverse_depth`',
    'it has one of `resized_image` and `depth_terms`',
  ]);
  for (const name of INPUTS) {
    const fewer = INPUTS.filter((other) => other !== name);
    t.deepEqual(contractProblems(fewer, OUTPUTS), [`\`${name}\` is missing`]);
  }
  for (const name of OUTPUTS) {
    const fewer = OUTPUTS.filter((other) => other !== name);
    t.deepEqual(contractProblems(INPUTS, fewer), [`\`${name}\` is missing`]);
  }
});

test('an input that nobody would feed is named, a further output is not', (t) => {
  t.deepEqual(contractProblems([...INPUTS, 'mood'], OUTPUTS), ['input `mood` is unknown']);
  t.deepEqual(contractProblems(INPUTS, [...OUTPUTS, 'mood']), []);
});
