import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import anyTest, { type TestFn } from 'ava';
import { loadModel } from '../../../../models/model-store.js';
import { imageCodec } from '../../../../msgs/image.js';
import { InferenceEngine } from '../../../../nodes/perception/engine/inference-engine.js';
import type { InferenceRequest } from '../../../../nodes/perception/engine/inference-request.js';
import {
  type ModelInUse,
  type Swap,
  SwappableEngine,
} from '../../../../nodes/perception/engine/swappable-engine.js';
import { testImage, testInfo } from '../../test-messages.js';
import { type TestModelOptions, writeTestModel } from '../../test-model.js';

const test = anyTest as TestFn<{ folder: string }>;

test.before(async (t) => {
  t.context = { folder: await mkdtemp(path.join(tmpdir(), 'rxdepth-swap-')) };
});
test.after.always((t) => rm(t.context.folder, { recursive: true }));

const request: InferenceRequest = {
  ...{ image: testImage(), info: testInfo(), cameraKind: 'raw', scale: 1 },
  wants: { depth: '32FC1', labels: true, pointStride: 4 },
};

let written = 0;
async function opened(folder: string, options: TestModelOptions = {}): Promise<ModelInUse> {
  const model = await loadModel(await writeTestModel(path.join(folder, `model-${written++}`), options));
  const engine = await InferenceEngine.open({ graphPath: model.graphPath, device: 'cpu', threads: 1 });
  return { model, engine };
}

async function swappable(folder: string): Promise<SwappableEngine> {
  const { model, engine } = await opened(folder);
  return new SwappableEngine(model, engine);
}

/** Depth in the middle of the picture, and the model that made it. */
async function frame(engine: SwappableEngine): Promise<{ meters: number; generation: number }> {
  const { messages, release, generation = -1 } = await engine.infer(request);
  const { data, step } = imageCodec.decode(messages.depth);
  const meters = new DataView(data.buffer, data.byteOffset).getFloat32(16 * step + 4 * 32, true);
  release();
  return { meters, generation };
}

/** Frames one after the other until `over` is; what they were. */
async function framesUntil(engine: SwappableEngine, over: Promise<unknown>) {
  const frames: { meters: number; generation: number }[] = [];
  let going = true;
  const end = () => {
    going = false;
  };
  over.then(end, end);
  while (going) frames.push(await frame(engine));
  return frames;
}

test.serial(
  'a plausible model takes over between two frames; every frame has a result, in order',
  async (t) => {
    const engine = await swappable(t.context.folder);
    const next = await opened(t.context.folder, { version: 4, disparity: [0.0125, 0.625] });
    const announced: Swap[] = [];
    engine.swap$.subscribe((swap) => announced.push(swap));
    const swapping = engine.swap(next, { frames: 2 });
    // Four at once, as in a recording.
    const lanes = await Promise.all(Array.from({ length: 4 }, () => framesUntil(engine, swapping)));
    const swap = await swapping;
    const after = await Promise.all([frame(engine), frame(engine)]);
    t.is(swap.generation, 1);
    t.is(swap.to.manifest.version, 4);
    t.is(swap.likeness?.frames, 2);
    t.true(Math.abs((swap.likeness?.ratio ?? 0) - 1 / 1.25) < 0.01, `${swap.likeness?.ratio}`);
    t.deepEqual(announced, [swap]);
    const frames = lanes.flat();
    const old = frames.filter(({ generation }) => generation === 0);
    t.is(old.length, swap.frame, 'the swap names the first frame of the new model');
    t.true(old.every(({ meters }) => meters === old[0]?.meters));
    t.true(after.every(({ generation }) => generation === 1));
    t.true(after.every(({ meters }) => meters < 0.9 * (old[0]?.meters ?? 0)));
    t.is(engine.model.manifest.version, 4);
    await engine.close();
  },
);

test.serial(
  'a model that is implausible, or cannot compute what is wanted, is closed and named; the old one stays',
  async (t) => {
    const { folder } = t.context;
    const engine = await swappable(folder);
    const refused = async (options: TestModelOptions): Promise<string> => {
      const next = await opened(folder, { version: 9, ...options });
      const swapping = engine.swap(next, { frames: 2 });
      await framesUntil(engine, swapping);
      const error = await t.throwsAsync(swapping, { name: 'NodeError' });
      t.false(next.engine.alive);
      return error?.message ?? '';
    };
    t.regex(
      await refused({ disparity: [Number.NaN, 0.5] }),
      /^test\/9 is not plausible on 2 frames: 100\.0 % .*NaN/,
    );
    t.regex(await refused({ disparity: [0.2, 0] }), /same depth everywhere/);
    t.regex(await refused({ disparity: [0.05, 2.5] }), /its depths are 0\.2\d* times/);
    t.regex(await refused({ disparity: [0.51, -0.5] }), /another scene/);
    const dying = await opened(folder, { version: 9 });
    const dead: ModelInUse = {
      model: dying.model,
      engine: {
        alive: true,
        infer: () => Promise.reject(new Error('out of memory')),
        close: () => dying.engine.close(),
      },
    };
    const swapping = engine.swap(dead);
    await framesUntil(engine, swapping);
    await t.throwsAsync(swapping, {
      message: /cannot compute a frame that the running model can: out of memory/,
    });
    t.is(engine.generation, 0);
    t.is((await frame(engine)).generation, 0);
    await engine.close();
  },
);

test.serial('on the way back nothing has to resemble the running model', async (t) => {
  const engine = await swappable(t.context.folder);
  const back = await opened(t.context.folder, { version: 2, disparity: [0.05, 2.5] });
  const swapping = engine.swap(back, { compare: false, frames: 1 });
  await framesUntil(engine, swapping);
  t.is((await swapping).to.manifest.version, 2);
  await engine.close();
});

test.serial('where no frame comes, the model takes over after its warm-up', async (t) => {
  const engine = await swappable(t.context.folder);
  const swap = await engine.swap(await opened(t.context.folder, { version: 5 }), { patienceMs: 20 });
  t.is(swap.likeness, undefined);
  t.is(swap.frame, 0);
  await engine.close();
});

test.serial('closing ends a trial: the new model is closed too', async (t) => {
  const engine = await swappable(t.context.folder);
  const next = await opened(t.context.folder, { version: 6 });
  const swapping = engine.swap(next, { patienceMs: 60_000 });
  const ended = t.throwsAsync(swapping, { message: /being closed/ });
  await new Promise((resolve) => setImmediate(resolve));
  await engine.close();
  await ended;
  t.false(next.engine.alive);
});
