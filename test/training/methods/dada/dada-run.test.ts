import { readdirSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import test from 'ava';
import { ModelRunner } from '../../../../models/model-runner.js';
import { loadModel } from '../../../../models/model-store.js';
import { rgbPicture } from '../../../../msgs/picture/rgb-picture.js';
import { temporaryFolder } from '../../datasets/samples.js';
import { CommandTraining, rxdepth } from '../command-training.js';

const folder = temporaryFolder();
test.after.always(() => rm(folder, { recursive: true, force: true }));

const training = new CommandTraining(folder, [
  ...['dada', '--preset', 'narrow', '--size', '64x64', '--classes', '7'],
  ...['--source', 'simulator:town-clean?samples=3'],
  ...['--target', 'simulator:town-camera?samples=3&validation=2'],
  ...['--steps', '6', '--every', '2', '--threads', '1'],
]);

test.serial(
  'training goes on after kill -9 bit for bit, both optimizers and the health of both sides',
  async (t) => {
    t.timeout(3_600_000);
    await training.run('whole');
    await training.killed('killed', 'step 4: validation');
    await training.run('killed', '--resume');
    const whole = training.left('whole', ['checkpoint']);
    t.deepEqual(training.left('killed', ['checkpoint']), whole);
    for (const file of [
      'optimizer-networks.safetensors',
      'optimizer-discriminator.safetensors',
      'host.safetensors',
    ])
      t.true((whole[path.join('checkpoint', file)]?.length ?? 0) > 100, file);
    for (const column of [
      'networks.loss',
      'discriminator.loss',
      'networks.gradientNorm',
      'discriminator.gradientNorm',
    ])
      t.true(whole.header?.split(',').includes(column), column);
    t.deepEqual(
      readdirSync(path.join(folder, 'whole', 'panels')).length,
      4,
      'before the first step, and three',
    );
    const first = whole.log?.split('\n')[1]?.split(',') ?? [];
    const cell = (name: string) => Number(first[whole.header?.split(',').indexOf(name) ?? -1]);
    t.true(Math.abs(cell('discriminator.loss') - 2 * Math.log(2)) < 0.1, 'it knows nothing yet');
  },
);

test.serial(
  'the model has depth in metres and the classes of its set, and is measured over those alone',
  async (t) => {
    t.timeout(3_600_000);
    const model = path.join(folder, 'whole', 'model');
    const { manifest } = await loadModel(model);
    t.deepEqual(
      manifest.classes.map(({ name, dynamic }) => `${name}${dynamic ? ' (dynamic)' : ''}`),
      ['flat', 'construction', 'object', 'nature', 'sky', 'human (dynamic)', 'vehicle (dynamic)'],
    );
    t.deepEqual([manifest.depth.kind, manifest.depth.metric], ['inverse-depth', true]);
    t.regex(manifest.provenance.method, /dada, 7 classes/);
    t.regex(manifest.provenance.command, /--adaptation fused/);
    const runner = await ModelRunner.open(model);
    const rgb = new Uint8Array(96 * 64 * 3).map((_, i) => (i * 37) % 256);
    const camera = { fx: 56, fy: 56, cx: 47.5, cy: 31.5 };
    const { depth, labels } = await runner.run(rgbPicture(96, 64, rgb), camera);
    await runner.close();
    t.is(depth.length, 96 * 64);
    t.true(depth.every((value) => value > 0));
    t.true(labels?.every((label) => label < 7));

    const report = path.join(folder, 'report.json');
    const data = 'simulator:town-clean?frames=2&width=128&height=64&seed=5';
    const args = ['--model', model, '--dataset', data, '--device', 'cpu', '--crop', 'none', '--json', report];
    const { stdout } = await rxdepth('evaluate', ...args);
    const { segmentation } = JSON.parse(await readFile(report, 'utf8'));
    t.deepEqual(
      segmentation.classSets.map(({ classSet }: { classSet: string }) => classSet),
      ['7'],
    );
    t.regex(stdout, /7 +\d+\.\d%/);
  },
);
