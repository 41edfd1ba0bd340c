import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { Command } from 'commander';
import { loadModel } from '../../models/model-store.js';
import { InferenceSession, Tensor } from '../../models/onnxruntime.js';
import { register } from '../../training/cli/import.js';
import { sgdepth } from '../../training/methods/sgdepth/sgdepth.js';
import { completeOptions } from '../../training/runs/complete-options.js';
import { readStartingWeights } from '../../training/runs/starting-weights.js';
import { declaredParameters } from '../../training/weights/network-parameters.js';
import { decodeSafetensors } from '../../training/weights/safetensors.js';
import { monodepth2Rows, sgdepthRows, stateOf, valueAt } from './weights/published/published-files.js';
import { legacyCheckpoint, zipCheckpoint } from './weights/pytorch/write-checkpoint.js';

async function setUp(t: ExecutionContext) {
  const folder = await mkdtemp(path.join(tmpdir(), 'rxdepth-import-'));
  t.teardown(() => rm(folder, { recursive: true }));
  const run = async (...args: string[]): Promise<string> => {
    const program = new Command('rxdepth').exitOverride();
    const written: string[] = [];
    register(program);
    const original = process.stdout.write;
    process.stdout.write = ((text: string | Uint8Array) =>
      written.push(String(text)) > 0) as typeof process.stdout.write;
    try {
      await program.parseAsync(['node', 'rxdepth', 'import', ...args]);
    } finally {
      process.stdout.write = original;
    }
    return written.join('');
  };
  return { folder, run };
}

async function perceive(graphPath: string, [height, width]: readonly [number, number]) {
  const session = await InferenceSession.create(graphPath, { intraOpNumThreads: 1, logSeverityLevel: 3 });
  const int64 = (values: number[], dims: number[]) =>
    new Tensor('int64', BigInt64Array.from(values, BigInt), dims);
  const flag = (value: boolean) => new Tensor('bool', [value], []);
  const result = await session.run({
    image: new Tensor('uint8', new Uint8Array(height * width * 3).fill(100), [height, width * 3]),
    width: int64([width], []),
    bytes_per_pixel: int64([3], []),
    channel_order: int64([0, 1, 2], [3]),
    k: new Tensor('float32', Float32Array.of(width, 0, width / 2, 0, width, height / 2, 0, 0, 1), [3, 3]),
    scale: new Tensor('float32', [1], []),
    rays: new Tensor('float32', new Float32Array(0), [0, 0, 2]),
    point_stride: int64([1], []),
    resized_image: new Tensor('float32', [0], [1, 1, 1, 1]),
    ...{
      want_labels: flag(true),
      want_points: flag(false),
      want_depth16: flag(false),
      want_network_image: flag(false),
    },
  });
  await session.release();
  return result;
}

test.serial("SGDepth's checkpoint becomes a model folder with relative depth and 19 classes", async (t) => {
  const { folder, run } = await setUp(t);
  const rows = sgdepthRows();
  const file = path.join(folder, 'model.pth');
  await writeFile(file, legacyCheckpoint(stateOf(rows)));
  const output = path.join(folder, 'model');
  const text = await run(file, '-o', output, '--license', 'MIT', '--width', '128', '--height', '64');
  t.regex(text, /SGDepth, 128x64, relative depth, 19 classes\ntaken: 250 tensors/);
  const { manifest, graphPath } = await loadModel(output);
  t.is(manifest.license, 'MIT');
  t.is(manifest.name, 'sgdepth');
  t.is(manifest.depth.metric, false);
  t.like(manifest.depth, { kind: 'disparity', minMeters: 0.1, maxMeters: 100 });
  t.deepEqual(manifest.input.mean, [0.485, 0.456, 0.406]);
  t.is(manifest.input.pixels, 128 * 64);
  t.regex(manifest.provenance.data, /^model\.pth \(sha256 [0-9a-f]{64}\)$/);
  const { tensors } = decodeSafetensors(await readFile(path.join(output, 'weights.safetensors')), 'weights');
  for (const [i, { name }] of rows.entries()) {
    const bytes = name === undefined ? undefined : tensors.get(name)?.bytes;
    if (bytes === undefined) continue;
    // Their motion is the pose network's output itself, this project's a hundredth of it.
    const expected = name?.startsWith('pose.conv_2.') ? Math.fround(100 * valueAt(i)) : valueAt(i);
    t.is(new DataView(bytes.buffer, bytes.byteOffset).getFloat32(0, true), expected, name);
  }
  await givesItsPoseNetwork(t, output);
  const { depth, labels } = await perceive(graphPath, [64, 128]);
  t.deepEqual(
    [depth?.dims, labels?.dims],
    [
      [64, 128],
      [64, 128],
    ],
  );
});

/** A training of the paper's preset starts from all of an imported model, the pose network too. */
async function givesItsPoseNetwork(t: ExecutionContext, model: string): Promise<void> {
  const { manifest } = await loadModel(model);
  t.deepEqual(manifest.network.options.pose, { encoder: [64, 64, 128, 256, 512], channels: 256 });
  const options = completeOptions(sgdepth, {
    ...{ preset: 'paper', target: 'bag:a', source: 'cityscapes:b' },
  } as object);
  const specs = declaredParameters((scope, image) => sgdepth.declare(scope, image, options));
  const lines: string[] = [];
  const networks = sgdepth.networks(options);
  await readStartingWeights(model, specs, { networks }, (line) => lines.push(line));
  const count = (network: string) => specs.filter(({ name }) => name.startsWith(`${network}.`)).length;
  for (const network of ['encoder', 'pose_encoder', 'pose']) {
    t.true(lines.join().includes(`${network} ${count(network)} of ${count(network)}`), lines.join());
  }
}

test.serial(
  "Monodepth2's folder becomes a model with depth alone, metric only where its unit is given",
  async (t) => {
    const { folder, run } = await setUp(t);
    const input = path.join(folder, 'mono_1024x320');
    await mkdir(input);
    for (const [part, rows] of Object.entries(monodepth2Rows())) {
      const state = stateOf(rows);
      if (part === 'encoder') state.set('height', 320).set('width', 1024).set('use_stereo', true);
      await writeFile(path.join(input, `${part}.pth`), zipCheckpoint(state));
    }
    await writeFile(path.join(input, 'adam.pth'), 'not weights');
    const output = path.join(folder, 'model');
    t.regex(
      await run(input, '-o', output),
      /Monodepth2, 1024x320, relative depth, no segmentation\n.*--meters-per-unit 5\.4/s,
    );
    t.false((await loadModel(output)).manifest.depth.metric);
    const text = await run(
      input,
      '-o',
      output,
      '--overwrite',
      '--meters-per-unit',
      '5.4',
      '--width',
      '128',
      '--height',
      '64',
    );
    t.regex(text, /128x64, metric depth/);
    const { manifest, graphPath } = await loadModel(output);
    t.deepEqual(manifest.classes, []);
    t.true(manifest.depth.metric);
    t.like(manifest.depth, { maxMeters: 540 });
    t.deepEqual(manifest.input.std, [0.225, 0.225, 0.225]);
    const { depth, labels, dynamic } = await perceive(graphPath, [64, 128]);
    t.deepEqual(
      [depth?.dims, labels?.dims, dynamic?.dims],
      [
        [64, 128],
        [0, 0],
        [0, 0],
      ],
    );
  },
);

test.serial('SGDepth can be imported without its segmentation', async (t) => {
  const { folder, run } = await setUp(t);
  const file = path.join(folder, 'model.pth');
  await writeFile(file, zipCheckpoint(stateOf(sgdepthRows())));
  const text = await run(file, '-o', path.join(folder, 'model'), '--classes', 'none', '--name', 'only-depth');
  t.regex(text, /no segmentation/);
  t.regex(text, /left out: 20 tensors \(segmentation: not asked for\)/);
  t.is((await loadModel(path.join(folder, 'model'))).manifest.name, 'only-depth');
});

test.serial('an incomplete checkpoint writes nothing and lists what is missing', async (t) => {
  const { folder, run } = await setUp(t);
  const file = path.join(folder, 'encoder.pth');
  await writeFile(file, zipCheckpoint(stateOf(monodepth2Rows().encoder)));
  const output = path.join(folder, 'model');
  await t.throwsAsync(run(file, '-o', output), {
    name: 'TrainingError',
    message: /complete Monodepth2 model.*missing: 22\n {2}depth\.upconv_4_0\.weight/s,
  });
  await t.throwsAsync(readFile(path.join(output, 'manifest.json')), { code: 'ENOENT' });
  await t.throwsAsync(run(path.join(folder, 'nothing.pth'), '-o', output), {
    name: 'TrainingError',
    message: /nothing\.pth cannot be read/,
  });
});

test.serial('a device is no checkpoint: it is not read for ever', async (t) => {
  const { folder, run } = await setUp(t);
  await t.throwsAsync(run('/dev/zero', '-o', path.join(folder, 'model')), {
    name: 'TrainingError',
    message: '/dev/zero is no regular file.',
  });
});
