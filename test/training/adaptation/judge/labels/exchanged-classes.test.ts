import test from 'ava';
import { swapped } from '../../../../../bench/label-proof/label-candidates.js';
import { networkParameters } from '../../../../../training/weights/network-parameters.js';
import { initialParameters } from '../../../../../training/weights/parameters.js';
import { TINY_NETWORK } from '../../tiny-model.js';

test('classes that a candidate of the proof exchanges change places in every filter and bias, and no others do', (t) => {
  const parameters = initialParameters(networkParameters(TINY_NETWORK), 3);
  const logits = [...parameters].filter(([name]) => name.startsWith('segmentation.logits.'));
  t.is(logits.length, 2, 'filters and biases');
  const before = new Map(logits.map(([name, { values }]) => [name, values.slice()]));
  swapped([13, 11])({ parameters } as Parameters<ReturnType<typeof swapped>>[0]); // all that it reads
  const exchanged = (label: number) => (label === 13 ? 11 : label === 11 ? 13 : label);
  for (const [name, { spec, values }] of logits) {
    const classes = spec.shape.at(-1) ?? 0;
    t.is(classes, 19);
    values.forEach((value, i) => {
      const from = i - (i % classes) + exchanged(i % classes);
      if (value !== before.get(name)?.[from]) t.fail(`${name}[${i}]`);
    });
  }
});
