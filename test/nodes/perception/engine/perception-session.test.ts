import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'ava';
import { CITYSCAPES_CLASSES } from '../../../../models/class-table.js';
import { InferenceSession, Tensor } from '../../../../models/onnxruntime.js';
import { BufferPool } from '../../../../nodes/perception/engine/buffer-pool.js';
import type { CameraFrame } from '../../../../nodes/perception/engine/camera-frame.js';
import { NetworkSizeRunner } from '../../../../nodes/perception/engine/network-size/network-size-runner.js';
import {
  type PerceptionJob,
  PerceptionSession,
} from '../../../../nodes/perception/engine/perception-session.js';
import { runWholeFrame } from '../../../../nodes/perception/engine/run-whole-frame.js';
import type { EmbeddedNetwork } from '../../../../training/perception-graph/perception-graph.js';
import { buildPerceptionGraph } from '../../../../training/perception-graph/perception-graph.js';
import { floats, manifestOf, plane, redNetwork } from '../../../training/perception-graph/perceive.js';
import { testInfo } from '../../test-messages.js';

/** Labels of half the network's size, a confidence of a quarter, depth from next to nothing to beyond the far end. */
function network(): EmbeddedNetwork {
  const red = redNetwork(1);
  let image = '';
  return {
    ...red,
    values(g, normalised) {
      image = normalised;
      const values = red.values(g, normalised) ?? '';
      return g.op('Mul', [values, g.op('Mul', [values, floats(g, [0.3])])]);
    },
    confidence(g) {
      const pool = { kernel_shape: [4, 4], strides: [4, 4] };
      return g.op('Mul', [g.op('AveragePool', [plane(g, image, 2)], pool), floats(g, [5])]);
    },
  };
}

const PIXELS = 64 * 32;
const model = buildPerceptionGraph(manifestOf(PIXELS, 16), network()).toModel({});

const CAMERAS = [
  { height: 75, width: 242, fx: 90, fy: 90 },
  { height: 60, width: 81, fx: 70, fy: 77 },
  { height: 121, width: 40, fx: 90, fy: 90 },
  { height: 20, width: 30, fx: 25, fy: 25 },
  { height: 32, width: 64, fx: 50, fy: 50 },
];

type Camera = (typeof CAMERAS)[number];

function job({ height, width, fx, fy }: Camera, seed: number, wants: PerceptionJob['wants']): PerceptionJob {
  const step = 3 * width + 7;
  const data = Uint8Array.from({ length: height * step }, (_, i) => (i * (31 + seed) + (i >> 5) * 7) % 256);
  const header = { stamp: { sec: 3, nanosec: seed }, frame_id: 'camera' };
  const k = [fx, 0, width / 2, 0, fy, height / 2, 0, 0, 1];
  return {
    ...{ header, wants, cameraKind: 'raw', scale: 1.3 },
    pixels: { data, height, width, step, bytesPerPixel: 3, channelOrder: [2, 1, 0] },
    info: { ...testInfo(), header, height, width, k, d: [], distortion_model: '' },
  };
}

const WANTS: readonly PerceptionJob['wants'][] = [
  { depth: '32FC1', labels: true, confidence: true, pointStride: 4, maps: true, minConfidence: 0.6 },
  { depth: '16UC1', labels: true, confidence: false, pointStride: 3, maps: false },
  { depth: '32FC1', labels: false, confidence: true, pointStride: 0, maps: false },
];

test('frames computed at the size of the network give the bytes that the whole graph gives', async (t) => {
  const folder = await mkdtemp(path.join(tmpdir(), 'rxdepth-session-'));
  t.teardown(() => rm(folder, { recursive: true }));
  const file = path.join(folder, 'perception.onnx');
  await writeFile(file, model);
  const known = await PerceptionSession.open(file, 'cpu', 1);
  const pool = new BufferPool(0);
  for (const camera of CAMERAS) {
    // The first frame of a camera is computed whole.
    await known.run(job(camera, 0, WANTS[0] as PerceptionJob['wants']), pool);
    for (const [seed, wants] of WANTS.entries()) {
      const fresh = await PerceptionSession.open(file, 'cpu', 1);
      const whole = await fresh.run(job(camera, seed, wants), pool);
      await fresh.release();
      const small = await known.run(job(camera, seed, wants), pool);
      if (process.arch === 'x64') t.deepEqual(small.messages, whole.messages, `${camera.width}, ${seed}`);
      t.deepEqual(Object.keys(small.messages), Object.keys(whole.messages));
      t.deepEqual(small.maps?.image, whole.maps?.image);
    }
  }
  await known.release();
});

/** A frame of a camera whose results nobody looks at. */
function frameOf({ height, width, fx, fy }: Camera): CameraFrame {
  const area = height * width;
  return {
    pixels: {
      ...{ data: new Uint8Array(3 * area).fill(90), height, width, step: 3 * width },
      ...{ bytesPerPixel: 3, channelOrder: [0, 1, 2] },
    },
    ...{ intrinsics: { fx, fy, cx: 0, cy: 0 }, scale: 1, depth: new Float32Array(area), networkImage: false },
  };
}

/** Rows of the images that a session is given; what it gives can be changed. */
function watched(session: InferenceSession, change: (dims: readonly number[]) => readonly number[]) {
  const rows: number[] = [];
  const given = {
    inputNames: session.inputNames,
    outputNames: session.outputNames,
    run: async (feeds: Record<string, Tensor>, fetches: Record<string, Tensor | null>) => {
      rows.push(feeds.image?.dims[0] ?? 0);
      const results = await session.run(feeds, fetches);
      const inverse = results.inverse_depth as Tensor | undefined;
      if (inverse === undefined) return results;
      const dims = change(inverse.dims);
      const length = dims.reduce((product, extent) => product * extent, 1);
      const data = (inverse.data as Float32Array).slice(0, length);
      return { ...results, inverse_depth: new Tensor('float32', data, dims) };
    },
  };
  return { rows, session: given as unknown as InferenceSession }; // what a runner uses of one
}

test('the first frame of a camera goes through the graph whole, those after it shrunk', async (t) => {
  const session = await InferenceSession.create(model, { intraOpNumThreads: 1 });
  const { rows, session: seen } = watched(session, (dims) => dims);
  const runner = NetworkSizeRunner.of(seen, 'cpu');
  const [first, second] = CAMERAS as [Camera, Camera];
  for (const camera of [first, first, second, second, first]) await runner?.run(frameOf(camera));
  const [, small = 0, , other = 0] = rows;
  t.true(small < first.height && other < second.height);
  t.deepEqual(rows, [first.height, small, second.height, other, small]);
  await session.release();
});

test('a graph that sees a shrunk image at another size is given whole ones', async (t) => {
  const session = await InferenceSession.create(model, { intraOpNumThreads: 1 });
  const [camera] = CAMERAS as [Camera];
  let runs = 0;
  const { rows, session: seen } = watched(session, ([a = 1, b = 1, h = 1, w = 1]) =>
    runs++ === 0 ? [a, b, h, w] : [a, b, h - 1, w],
  );
  const runner = NetworkSizeRunner.of(seen, 'cpu');
  const frames = [frameOf(camera), frameOf(camera), frameOf(camera)];
  for (const frame of frames) await runner?.run(frame);
  t.deepEqual(
    rows.filter((height) => height === camera.height).length,
    3,
    'each frame ends up in a run of the whole image',
  );
  const expected = frameOf(camera);
  await runWholeFrame(session, expected);
  for (const { depth } of frames) t.deepEqual(depth, expected.depth);
  await session.release();
});

test.serial(
  'an engine that may not have the memory of WebAssembly has the graph do everything',
  async (t) => {
    const session = await InferenceSession.create(model, { intraOpNumThreads: 1 });
    const [camera] = CAMERAS as [Camera];
    const { rows, session: seen } = watched(session, (dims) => dims);
    const runner = NetworkSizeRunner.of(seen, 'cpu');
    const scope = globalThis as unknown as { WebAssembly: { Memory: unknown } }; // its types are those of browsers
    const { Memory } = scope.WebAssembly;
    scope.WebAssembly.Memory = class {
      constructor() {
        throw new RangeError('WebAssembly.Memory(): could not allocate memory');
      }
    };
    try {
      for (const frame of [frameOf(camera), frameOf(camera)]) await runner?.run(frame);
    } finally {
      scope.WebAssembly.Memory = Memory;
    }
    await runner?.run(frameOf(camera));
    t.deepEqual(rows, [camera.height, camera.height, camera.height]);
    await session.release();
  },
);

test('a graph without a palette shows its colours and masks in every frame', async (t) => {
  const session = await InferenceSession.create(model, { intraOpNumThreads: 1 });
  const [camera] = CAMERAS as [Camera];
  const area = camera.height * camera.width;
  const labelled = (seed: number): CameraFrame => {
    const frame = frameOf(camera);
    const { data } = frame.pixels;
    for (let i = 0; i < data.length; i++) data[i] = (i * (31 + seed) + (i >> 5) * 7) % 256;
    const maps = {
      labels: new Uint8Array(area),
      color: new Uint8Array(3 * area),
      dynamic: new Uint8Array(area),
    };
    return { ...frame, labels: maps };
  };
  const given = {
    inputNames: session.inputNames,
    outputNames: session.outputNames.filter((name) => name !== 'palette'),
    run: async (feeds: Record<string, Tensor>, fetches: Record<string, Tensor | null>) => {
      t.false('palette' in fetches);
      const results = await session.run(feeds, fetches);
      const small = results.labels as Tensor;
      if (fetches.color !== null) return results;
      // Of a shrunk image, such a graph gives these too.
      const classes = [...(small.data as Uint8Array)].map((label) => CITYSCAPES_CLASSES[label]);
      const color = Uint8Array.from(classes.flatMap((one) => [...(one?.color ?? [])]));
      const dynamic = Uint8Array.from(classes, (one) => (one?.dynamic ? 255 : 0));
      return {
        ...results,
        color: new Tensor('uint8', color, [...small.dims, 3]),
        dynamic: new Tensor('uint8', dynamic, small.dims),
      };
    },
  };
  const runner = NetworkSizeRunner.of(given as unknown as InferenceSession, 'cpu'); // what a runner uses of one
  for (const seed of [1, 2, 3]) {
    const [frame, expected] = [labelled(seed), labelled(seed)];
    await runner?.run(frame);
    await runWholeFrame(session, expected);
    t.deepEqual(frame.labels, expected.labels);
  }
  await session.release();
});

test('a GPU, and a graph that takes no shrunk image, do it all themselves', async (t) => {
  const session = await InferenceSession.create(model, { intraOpNumThreads: 1 });
  t.is(NetworkSizeRunner.of(session, 'cuda'), undefined);
  const inputNames = session.inputNames.filter((name) => name !== 'resized_image');
  t.is(NetworkSizeRunner.of({ inputNames } as unknown as InferenceSession, 'cpu'), undefined); // its names are all that is asked
  await session.release();
});
