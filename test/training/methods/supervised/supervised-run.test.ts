import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import test from 'ava';
import { graphFeeds } from '../../../../models/graph-feeds.js';
import type { EncoderOrigin } from '../../../../models/manifest.js';
import { loadModel } from '../../../../models/model-store.js';
import { InferenceSession } from '../../../../models/onnxruntime.js';
import { SampleStore } from '../../../../training/datasets/stores/sample-store.js';
import { supervised } from '../../../../training/methods/supervised/supervised.js';
import { SUPERVISED_NETWORKS } from '../../../../training/methods/supervised/supervised-options.js';
import { adjustLogits } from '../../../../training/perception-graph/adjust-logits.js';
import { parseOptions } from '../../../../training/runs/complete-options.js';
import { exportRun } from '../../../../training/runs/export-run.js';
import { runMethod } from '../../../../training/runs/run.js';
import type { RunState } from '../../../../training/runs/run-state.js';
import { readStartingWeights } from '../../../../training/runs/starting-weights.js';
import { Random } from '../../../../training/simulator/random.js';
import { networkParameters } from '../../../../training/weights/network-parameters.js';
import { initialParameters, type Parameters, storedShape } from '../../../../training/weights/parameters.js';
import type { EncoderFile } from '../../../../training/weights/published/encoder-file.js';
import { readCheckpoint } from '../../../../training/weights/pytorch/read-checkpoint.js';
import { temporaryFolder } from '../../datasets/samples.js';
import { floats, type Written, zipCheckpoint } from '../../weights/pytorch/write-checkpoint.js';

const folder = temporaryFolder();
test.after.always(() => rm(folder, { recursive: true, force: true }));

const OPTIONS = parseOptions(
  supervised,
  {
    ...{ domain: 'town-clean', seed: 3, samples: 4, validation: 1, sampleWidth: 64, sampleHeight: 48 },
    ...{ batchSize: 1, stages: [{ width: 32, height: 32, steps: 3 }], preset: 'compact' },
    ...{ learningRate: 1e-3, weightDecay: 1e-4, segmentationWeight: 0.1 },
  },
  'test',
);

/** Where its samples are kept. */
const SET = 'town-clean-samples-4-64x48-3';

/** Trains in `name`, validating after every step; stops when a line of progress matches `stopAt`. */
async function run(
  name: string,
  samples: string,
  stopAt?: RegExp,
  eager?: string,
  options = OPTIONS,
): Promise<{ state: RunState; lines: string[] }> {
  const stop = new AbortController();
  const lines: string[] = [];
  const state = await runMethod(supervised, {
    folder: path.join(folder, name),
    dataFolder: path.join(folder, samples),
    options,
    ...{ threads: 1, eager, every: 1, signal: stop.signal },
    report: (line) => {
      lines.push(line);
      if (stopAt?.test(line)) stop.abort();
    },
  });
  return { state, lines };
}

test.serial('a run that was stopped and resumed has the very weights of one that was not', async (t) => {
  const { state: whole } = await run('whole', 'samples');
  const { state: stopped } = await run('parts', 'samples', /^step 2: validation/);
  t.is(stopped.step, 2);
  const { state: resumed } = await run('parts', 'samples');
  t.is(resumed.step, 3);
  t.deepEqual(resumed.metrics, whole.metrics);
  t.is(resumed.optimizers.all?.steps, 3);
  for (const file of ['weights.safetensors', 'optimizer-all.safetensors', 'host.safetensors']) {
    const bytes = (name: string) => readFileSync(path.join(folder, name, 'checkpoint', file));
    t.true(bytes('parts').equals(bytes('whole')), file);
  }
});

test.serial(
  'a run that starts from a model with adjusted classes learns as from the model before, and its export is adjusted again',
  async (t) => {
    t.timeout(300_000);
    const place = (name: string) => path.join(folder, name);
    const exported = async (name: string, state: RunState) =>
      await exportRun({
        ...{ method: supervised as never, folder: place(name), name: 'test', precision: 'F32' as const },
        ...{ options: OPTIONS, state },
      });
    const first = await run('first', 'samples');
    t.is((await exported('first-model', first.state)).classAdjustment, undefined);
    const added = { road: -20, person: 4 };
    const plain = await loadModel(place('first-model'));
    await adjustLogits(plain, new Map(Object.entries(added)), { folder: place('moved-model') }, '');
    const from = async (name: string, start: string) => {
      const lines: string[] = [];
      const state = await runMethod(supervised, {
        ...{ folder: place(name), dataFolder: place('samples'), options: OPTIONS, from: place(start) },
        ...{ threads: 1, every: 1, signal: new AbortController().signal, report: (line) => lines.push(line) },
      });
      return { state, text: lines.join('\n') };
    };
    const [a, b] = [await from('from-plain', 'first-model'), await from('from-moved', 'moved-model')];
    t.notRegex(a.text, /were adjusted/);
    t.regex(b.text, /were adjusted \(road -20, person \+4\): it is learned without that/);
    let [learned, differs] = [0, 0];
    for (const [name, { values }] of a.state.parameters) {
      const [start, other] = [first.state.parameters.get(name)?.values, b.state.parameters.get(name)?.values];
      values.forEach((value, i) => {
        learned += Math.abs(value - (start?.[i] ?? Number.NaN));
        differs += Math.abs(value - (other?.[i] ?? Number.NaN));
      });
    }
    t.true(learned > 0 && differs < 0.01 * learned, `of ${learned} differs ${differs}`);
    // Export, a run that starts from the run, and one that takes the depth alone.
    t.deepEqual((await exported('moved-export', b.state)).classAdjustment, added);
    t.deepEqual((await from('from-run', 'from-moved')).state.classAdjustment, added);
    const depth = { networks: ['encoder', 'depth', 'segmentation'], parts: ['depth'] };
    const specs = networkParameters(SUPERVISED_NETWORKS.compact);
    t.is((await readStartingWeights(place('moved-model'), specs, depth)).classAdjustment, undefined);
    const checkpoint = path.join(place('from-moved'), 'checkpoint');
    const { networks } = depth;
    const direct = await readStartingWeights(checkpoint, specs, { networks });
    t.deepEqual(direct.classAdjustment, added);
    const key = 'segmentation.logits.bias';
    t.deepEqual(direct.parameters.get(key)?.values, b.state.parameters.get(key)?.values);
    const inModel = (await readStartingWeights(place('moved-export'), specs, { networks })).parameters.get(
      key,
    );
    const bias = b.state.parameters.get(key)?.values;
    t.true(inModel?.values.every((value, i) => Math.abs(value - (bias?.[i] ?? Number.NaN)) < 1e-5));
  },
);

test.serial('a run is not gone on with other options: nothing in its folder changes', async (t) => {
  await run('kept', 'samples', /^step 1: validation/);
  const content = () =>
    Object.fromEntries(
      readdirSync(path.join(folder, 'kept'), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => path.join(entry.parentPath, entry.name))
        .map((file) => [file, readFileSync(file, 'base64')]),
    );
  const before = content();
  const longer = { ...OPTIONS, seed: 9, stages: [{ width: 32, height: 32, steps: 400 }] };
  await t.throwsAsync(run('kept', 'samples', undefined, undefined, longer), {
    name: 'TrainingError',
    message: /--stages .*"steps":3.*, not .*"steps":400.*; --seed 3, not 9/,
  });
  t.deepEqual(content(), before);
});

test.serial(
  'an EfficientNet that starts from published weights trains, exports and says where they came from',
  async (t) => {
    const options = parseOptions(
      supervised,
      {
        ...{ ...OPTIONS, preset: 'efficient', encoderRate: 0, stages: [{ width: 32, height: 32, steps: 1 }] },
        encoder: {
          file: 'some.whl',
          sha256: 'a'.repeat(64),
          package: 'some',
          version: '1',
          license: 'Apache-2.0',
        },
      },
      'test',
    );
    const specs = networkParameters(SUPERVISED_NETWORKS.efficient);
    const published = initialParameters(specs, 77);
    const encoder = efficientnetFile(published, options.encoder as EncoderOrigin); // given above
    const lines: string[] = [];
    const state = await runMethod(supervised, {
      ...{ folder: path.join(folder, 'efficient'), dataFolder: path.join(folder, 'samples'), options },
      ...{ encoder, threads: 1, every: 1, signal: new AbortController().signal },
      report: (line) => lines.push(line),
    });
    t.true(lines.some((line) => /some\.whl, EfficientNet.*\ntaken: 240 tensors/.test(line)));
    const [name] = [...state.parameters.keys()];
    t.is(name, 'encoder.conv_stem.weight');
    // An encoder's rate of 0 leaves its weights as they were given, and the decoders learn all the same.
    t.deepEqual(state.parameters.get('encoder.conv_stem.weight'), published.get('encoder.conv_stem.weight'));
    const head = 'depth.dispconv_1.bias';
    t.notDeepEqual(
      state.parameters.get(head)?.values,
      initialParameters(specs, options.seed).get(head)?.values,
    );
    const model = path.join(folder, 'efficient-model');
    const place = {
      method: supervised,
      folder: model,
      name: 'efficient',
      precision: 'F16',
      options,
      state,
    } as const;
    const manifest = await exportRun(place);
    t.deepEqual(manifest.provenance.encoder, options.encoder);
    t.regex(manifest.provenance.command, /--preset efficient .*--encoder-rate 0 .*--init-encoder some\.whl/);
    t.is(manifest.input.mean[0], 127 / 255);
    t.is(manifest.input.std[0], 128 / 255);
    const { manifest: loaded } = await loadModel(model);
    t.deepEqual(loaded, manifest);
    const session = await InferenceSession.create(path.join(model, 'perception.onnx'));
    t.true(['depth', 'labels'].every((output) => session.outputNames.includes(output)));
    await session.release();
  },
);

/** The encoder's weights as EfficientNet-PyTorch's file would hold them. */
function efficientnetFile(parameters: Parameters, origin: EncoderOrigin): EncoderFile {
  const state = new Map<string, Written>();
  for (const [name, { spec, values }] of parameters) {
    if (!name.startsWith('encoder.')) continue;
    const key = name
      .replace(/^encoder\./, '_')
      .replace(/\.(expand_conv|depthwise_conv|project_conv|bn\d)\./, '._$1.');
    state.set(key, floats([...values], storedShape(spec.shape)));
  }
  return { checkpoint: readCheckpoint(zipCheckpoint(state), origin.file), origin };
}

test.serial('eager steps have the loss of compiled ones, and say where they run', async (t) => {
  const firstLoss = (name: string): number =>
    Number(
      readFileSync(path.join(folder, name, 'log.csv'), 'utf8')
        .split('\n')[1]
        ?.split(',')[2],
    );
  await run('compiled', 'samples', /^step 1: validation/);
  const { lines } = await run('eager', 'samples', /^step 1: validation/, 'wasm');
  t.true(lines.includes('eager TensorFlow.js on wasm at 32x32, batch 1'));
  t.true(Math.abs(firstLoss('eager') / firstLoss('compiled') - 1) < 1e-4);
});

test.serial(
  'stopping while samples are rendered ends there: nothing is trained, what is rendered is kept',
  async (t) => {
    const { state, lines } = await run('early', 'few samples', /^samples 0\/4/);
    t.is(state.step, 0);
    t.regex(lines.at(-1) ?? '', /not trained yet; the data made so far are kept in .*few samples/);
    t.false(lines.some((line) => line.startsWith('compiling')));
    t.false(existsSync(path.join(folder, 'early', 'checkpoint')));
    const description = JSON.parse(readFileSync(path.join(folder, 'few samples', SET, 'store.json'), 'utf8'));
    const store = SampleStore.open(path.join(folder, 'few samples', SET), description);
    t.true(store.missing().length > 0);
    store.close();
  },
);

test.serial(
  'a confidence head learns beside frozen networks, whose answers stay as they are bit by bit',
  async (t) => {
    const { state: before } = await run('plain', 'samples');
    const options = parseOptions(
      supervised,
      { ...OPTIONS, learn: 'confidence', confidence: true, learningRate: 0.01, parent: 'plain' },
      'test',
    );
    const from = path.join(folder, 'plain');
    const head = (learned: typeof options, name: string) =>
      runMethod(supervised, {
        ...{
          folder: path.join(folder, name),
          dataFolder: path.join(folder, 'samples'),
          options: learned,
          from,
        },
        ...{ threads: 1, every: 3, signal: new AbortController().signal, report: () => {} },
      });
    const after = await head(options, 'head');
    const drawn = initialParameters(
      [...after.parameters.values()].map(({ spec }) => spec),
      options.seed,
    );
    for (const [name, { values }] of after.parameters) {
      const old = before.parameters.get(name);
      if (old === undefined) {
        t.regex(name, /^confidence\./);
        t.notDeepEqual(values, drawn.get(name)?.values, name);
      } else t.deepEqual(values, old.values, name);
    }

    const models = [
      { name: 'plain', options: OPTIONS, state: before },
      { name: 'trusted', options, state: after },
    ];
    const outputs = [];
    for (const { name, ...run } of models) {
      const place = path.join(folder, `model-${name}`);
      await exportRun({ method: supervised, folder: place, name, precision: 'F32', ...run });
      const session = await InferenceSession.create(path.join(place, 'perception.onnx'));
      t.is(session.outputNames.includes('confidence'), name === 'trusted');
      outputs.push(await session.run(feedsOf(session.inputNames)));
      await session.release();
    }
    const [plain, trusted] = outputs;
    for (const output of ['depth', 'labels'])
      t.deepEqual(trusted?.[output]?.data, plain?.[output]?.data, output);
    const confidence = trusted?.confidence?.data as Float32Array; // as the contract says
    t.is(confidence.length, 40 * 70);
    t.true(confidence.every((x) => x > 0 && x < 1));
  },
);

test.serial('a head that learns alone needs networks to learn beside', async (t) => {
  const options = parseOptions(supervised, { ...OPTIONS, learn: 'confidence', confidence: true }, 'test');
  await t.throwsAsync(run('headless', 'samples', undefined, undefined, options), {
    name: 'TrainingError',
    message: /--init/,
  });
});

/** A picture of noise, and everything wanted that the graph knows. */
function feedsOf(names: readonly string[]) {
  const [height, width] = [40, 70];
  const random = new Random(4, 4);
  const rgb = Uint8Array.from({ length: 3 * height * width }, () => random.integer(0, 255));
  const feeds = graphFeeds({
    ...{ pixels: { data: rgb, height, width, step: 3 * width, bytesPerPixel: 3, channelOrder: [0, 1, 2] } },
    ...{ intrinsics: { fx: 40, fy: 40, cx: 34.5, cy: 19.5 }, labels: true, confidence: true },
  });
  return Object.fromEntries(Object.entries(feeds).filter(([name]) => names.includes(name)));
}
