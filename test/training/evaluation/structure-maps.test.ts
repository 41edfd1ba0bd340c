import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs';
import test from 'ava';
import { loadModel } from '../../../models/model-store.js';
import { rgbPicture } from '../../../msgs/picture/rgb-picture.js';
import { MapPanels } from '../../../training/evaluation/panels/map-panels.js';
import { StructureMaps } from '../../../training/evaluation/structure-maps.js';
import { s2rDepthnet } from '../../../training/methods/s2r-depthnet/s2r-depthnet.js';
import { type S2rOptions, s2rNetworks } from '../../../training/methods/s2r-depthnet/s2r-options.js';
import { depthEvidence } from '../../../training/networks/s2r-depthnet.js';
import { Scope } from '../../../training/networks/scope.js';
import { exportModel } from '../../../training/perception-graph/export-model.js';
import { completeOptions } from '../../../training/runs/complete-options.js';
import { declaredParameters } from '../../../training/weights/network-parameters.js';
import { initialParameters, storedShape } from '../../../training/weights/parameters.js';
import { temporaryFolder } from '../datasets/samples.js';

const folder = temporaryFolder();
test.before(async () => {
  await tf.setBackend('cpu');
});
test.after.always(() => rm(folder, { recursive: true, force: true }));

const SIZE = 32;

/** An untrained model. */
async function made(name: string, given: object) {
  const options = completeOptions(s2rDepthnet, {
    ...{ preset: 'narrow', width: SIZE, height: SIZE, parent: 'somewhere', ...given },
  } as object) as S2rOptions; // of this method
  const specs = declaredParameters((scope, image) => s2rDepthnet.declare(scope, image, options));
  const parameters = initialParameters(specs, 1);
  const inference = s2rDepthnet.inference(options, {}, 0);
  if (inference === undefined) throw new Error('expected a model');
  const { network, input, depth } = inference;
  await exportModel({
    ...{ folder: path.join(folder, name), parameters, network, precision: 'F32' },
    description: {
      ...{ name, version: 0, license: 'none', input, depth, classAdjustment: undefined },
      provenance: {
        ...{ method: 'test', data: 'none', seed: 1, steps: 0, trainedSeconds: 0, command: 'test' },
        ...{ createdAt: new Date().toISOString(), metrics: {} },
      },
    },
  });
  return { model: await loadModel(path.join(folder, name)), options, parameters };
}

test('structure and attention of a picture are those of the network that predicts its depth', async (t) => {
  const { model, options, parameters } = await made('whole', {});
  const maps = await StructureMaps.open(model);
  if (maps === undefined) return t.fail('it has a structure map');
  const rgb = Uint8Array.from({ length: 3 * SIZE * SIZE }, (_, i) => (i * 37) % 251);
  const picture = rgbPicture(SIZE, SIZE, rgb);
  const found = await maps.of(picture);
  const weights = [...parameters].map(([name, { spec, values }]) => {
    const stored = tf.tensor(values, [...storedShape(spec.shape)]);
    return [name, spec.shape.length === 4 ? stored.transpose([2, 3, 1, 0]) : stored] as const;
  });
  const image = tf.tensor4d(
    Array.from(rgb, (value) => (2 * value) / 255 - 1),
    [1, SIZE, SIZE, 3],
  );
  const scope = Scope.over(Object.fromEntries(weights), false);
  const eager = depthEvidence(scope, image, s2rNetworks(options), { attends: true });
  for (const name of ['structure', 'attention'] as const) {
    const expected = eager[name]?.dataSync() ?? [];
    t.is(found[name]?.length, SIZE * SIZE);
    const error = Math.max(
      ...Array.from(expected, (value, i) => Math.abs(value - (found[name]?.[i] ?? Number.NaN))),
    );
    t.true(error < 1e-4, `${name}: ${error}`);
  }
  await new MapPanels(folder, 1, maps).add('a/b', picture);
  t.true(existsSync(path.join(folder, 'maps_a_b.png')));
  await maps.close();
});

test('models without a structure map have none to show, those without attention no attention', async (t) => {
  const plain = await made('plain', { input: 'picture' });
  t.is(await StructureMaps.open(plain.model), undefined);
  const { model } = await made('structure', { attention: 'none' });
  const maps = await StructureMaps.open(model);
  const found = await maps?.of(rgbPicture(SIZE, SIZE));
  t.is(found?.structure.length, SIZE * SIZE);
  t.is(found?.attention, undefined);
  await maps?.close();
});
