import test from 'ava';
import { openPublished } from '../../../../training/weights/published/open-published.js';
import { S2R_DEPTHNET_LAYOUT } from '../../../../training/weights/published/s2r-depthnet-layout.js';
import { readCheckpoint } from '../../../../training/weights/pytorch/read-checkpoint.js';
import { floats, zipCheckpoint } from '../pytorch/write-checkpoint.js';

const fate = (key: string) =>
  S2R_DEPTHNET_LAYOUT.fate({ key } as Parameters<typeof S2R_DEPTHNET_LAYOUT.fate>[0]); // the key decides
const names = (key: string) => {
  const found = fate(key);
  return found?.kind === 'take' ? found.names.join() : found?.kind;
};

test('keys of the four files are found with and without the prefix of several GPUs', (t) => {
  for (const [key, name] of [
    ['conv.conv.weight', 'structure_encoder.conv.conv.weight'],
    ['resblock.model.3.conv2.bias', 'structure_encoder.resblock.model.3.conv2.bias'],
    ['up1.conv1_2.weight', 'structure_decoder.up1.conv1_2.weight'],
    ['conv.bias', 'structure_decoder.conv.bias'],
    ['E.base.4.0.downsample.1.running_mean', 'attention.encoder.layer4.0.downsample.1.running_mean'],
    ['D.up3.bn2.weight', 'attention.decoder.up3.bn2.weight'],
    ['D.conv.weight', 'attention.decoder.conv.weight'],
    ['conv1.1.weight', 'depth.conv1.1.weight'],
    ['conv1.3.weight', 'depth.slope.weight'],
    ['conv4.model.4.running_var', 'depth.conv4.model.4.running_var'],
    ['center.2.layer1.1.weight', 'depth.center.2.layer1.1.weight'],
    ['center.3.model.4.bias', 'depth.center.3.model.4.bias'],
    ['output1.model.1.weight', 'depth.output1.model.1.weight'],
  ] as const) {
    t.is(names(key), name);
    t.is(names(`module.${key}`), name);
  }
});

test('what inference does not need is left out with the reason, what is unknown is named', (t) => {
  for (const key of [
    'conv2.model.2.weight',
    'center.0.nonlinearity.weight',
    'center.3.model.6.weight',
    'deconv2.model.3.weight',
  ])
    t.regex(fate(key)?.kind === 'leave' ? 'once more' : `${key} ${names(key)}`, /once more/);
  t.is(names('E.base.0.1.num_batches_tracked'), 'leave');
  t.is(fate('encoder.conv1.weight'), undefined);
  t.is(fate('fc.weight'), undefined);
});

test('the layout is found out from any of its larger files', (t) => {
  for (const key of [
    'resblock.model.0.conv1.weight',
    'module.E.base.0.0.weight',
    'module.center.0.norm1.weight',
  ]) {
    const bytes = zipCheckpoint(new Map([[key, floats([1, 2], [2])]]));
    const published = openPublished(new Map([['a.pth', readCheckpoint(bytes, 'a.pth')]]));
    t.is(published.layout.name, 's2r-depthnet', key);
    t.deepEqual([published.width, published.height], [640, 192]);
  }
});
