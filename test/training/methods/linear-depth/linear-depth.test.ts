import { readFileSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import test from 'ava';
import { loadModel } from '../../../../models/model-store.js';
import { linearDepth } from '../../../../training/methods/linear-depth/linear-depth.js';
import { METHODS } from '../../../../training/methods/methods.js';
import { exportModel } from '../../../../training/perception-graph/export-model.js';
import { completeOptions } from '../../../../training/runs/complete-options.js';
import { domainNamed } from '../../../../training/simulator/domains.js';
import { simulateDrive } from '../../../../training/simulator/drive.js';
import { declaredParameters } from '../../../../training/weights/network-parameters.js';
import { initialParameters } from '../../../../training/weights/parameters.js';
import { temporaryFolder } from '../../datasets/samples.js';
import { CommandTraining, rxdepth } from '../command-training.js';

const folder = temporaryFolder();
test.after.always(() => rm(folder, { recursive: true, force: true }));

const training = new CommandTraining(folder, [
  ...[
    'linear-depth',
    '--samples',
    '6',
    '--validation',
    '2',
    '--width',
    '64',
    '--height',
    '32',
    '--batch',
    '2',
  ],
  ...['--steps', '40', '--every', '10', '--threads', '1'],
]);
const LEFT = ['checkpoint', 'panels'];

test.serial(
  'a method of one folder trains, goes on after kill -9 bit for bit, measures itself and is exported',
  async (t) => {
    t.true(METHODS.includes(linearDepth));
    await training.run('whole');
    await training.killed('killed', 'step 20: validation');
    await t.throwsAsync(training.run('killed'), { message: /add --resume/ });
    await training.run('killed', '--resume');
    const whole = training.left('whole', LEFT);
    t.deepEqual(training.left('killed', LEFT), whole);
    t.deepEqual(Object.keys(whole).filter((file) => file.startsWith('panels')).length, 4);

    const figures = whole.log?.split('\n').filter((line) => line.includes(',validation,')) ?? [];
    const absRel = figures.map((line) => Number(line.split(',').at(-3)));
    t.is(absRel.length, 4);
    t.true((absRel.at(-1) ?? 1) < (absRel[0] ?? 0), `it learns: ${absRel.join(' ')}`);

    const model = path.join(folder, 'whole', 'model');
    const { manifest } = await loadModel(model);
    t.is(manifest.depth.kind, 'inverse-depth');
    t.true(manifest.depth.metric);
    t.is(manifest.provenance.steps, 40);
    t.regex(manifest.provenance.command, /^rxdepth train linear-depth --output RUN .*--steps 40 /);
    const again = path.join(folder, 'again');
    await rxdepth('export', path.join(folder, 'killed'), '-o', again);
    const graph = (at: string) => readFileSync(path.join(at, 'perception.onnx'));
    t.true(graph(again).equals(graph(model)));
  },
);

/** Writes a model of the method that sees a wall so far away everywhere, for a camera of its own focal length. */
async function writeWall(model: string, meters: number): Promise<number> {
  const options = completeOptions(linearDepth, { width: 64, height: 32 } as object);
  const parameters = initialParameters(
    declaredParameters((scope, image) => linearDepth.declare(scope, image, options)),
    1,
  );
  parameters.get('linear.weight')?.values.fill(0);
  parameters.get('linear.bias')?.values.fill(-Math.log(meters));
  const inference = linearDepth.inference(options, {}, 0);
  if (inference === undefined) throw new Error('the method exports nothing');
  const { network, input, depth } = inference;
  await exportModel({
    ...{ folder: model, parameters, network, precision: 'F32' },
    description: {
      ...{ name: 'wall', version: 0, license: 'Apache-2.0', input, depth, classAdjustment: undefined },
      provenance: {
        ...{ method: 'none', data: 'none', seed: 1, steps: 0, trainedSeconds: 0, command: 'none' },
        ...{ createdAt: '2020-01-01T00:00:00Z', metrics: {} },
      },
    },
  });
  return input.canonicalFocalPixels ?? Number.NaN;
}

test.serial(
  'its model is evaluated against truth: a wall is as wrong as the truth says, by hand',
  async (t) => {
    const [report, model] = [path.join(folder, 'report.json'), path.join(folder, 'wall')];
    const canonicalFocalPixels = await writeWall(model, 12);
    const data = 'simulator:town-clean?frames=2&width=128&height=64&seed=5';
    await rxdepth(
      ...['evaluate', '--model', model, '--dataset', data, '--device', 'cpu'],
      ...['--crop', 'none', '--json', report],
    );
    const { depth } = JSON.parse(await readFile(report, 'utf8'));
    const domain = domainNamed('town-clean');
    const images = [
      ...simulateDrive({ domain, seed: 5, frames: 2, width: 128, height: 64, frameRate: 10 }),
    ].map(({ depthMeters, intrinsics: { fx } }) => {
      const truth = [...depthMeters].filter((z) => z < 80).sort((p, q) => p - q);
      const half = truth.length >> 1;
      const middle =
        truth.length % 2 === 1 ? (truth[half] ?? 0) : ((truth[half - 1] ?? 0) + (truth[half] ?? 0)) / 2;
      // Scaled by its median, the wall stands at the median of the truth.
      const absRel = truth.reduce((sum, z) => sum + Math.abs(middle - z) / z, 0) / truth.length;
      // The network sees pictures of half the width.
      return { absRel, pixels: truth.length, ratio: middle / ((12 * fx) / 2 / canonicalFocalPixels) };
    });
    t.is(depth.images.length, 2);
    for (const [i, { absRel, pixels, ratio }] of images.entries()) {
      const found = depth.images[i];
      t.is(found.pixels, pixels);
      t.true(Math.abs(found.absRel / absRel - 1) < 1e-4, `${found.absRel}, by hand ${absRel}`);
      t.true(Math.abs(found.ratio / ratio - 1) < 1e-4, `${found.ratio}, by hand ${ratio}`);
    }
  },
);
