import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import anyTest, { type TestFn } from 'ava';
import sharp from 'sharp';
import { CITYSCAPES_CLASSES } from '../../../../models/class-table.js';
import { imageCodec } from '../../../../msgs/image.js';
import { pointCloud2Codec } from '../../../../msgs/point-cloud2.js';
import { InferenceEngine } from '../../../../nodes/perception/engine/inference-engine.js';
import type { InferenceRequest } from '../../../../nodes/perception/engine/inference-request.js';
import { ramp, testImage, testInfo } from '../../test-messages.js';
import { TEST_HEIGHT, TEST_WIDTH, testDisparity, testLabel, writeTestModel } from '../../test-model.js';

const test = anyTest as TestFn<{ engine: InferenceEngine; folder: string }>;

test.before(async (t) => {
  const folder = await mkdtemp(path.join(tmpdir(), 'rxdepth-engine-'));
  await writeTestModel(folder);
  const engine = await InferenceEngine.open({
    graphPath: path.join(folder, 'perception.onnx'),
    device: 'cpu',
    threads: 1,
  });
  t.context = { engine, folder };
});

test.after.always(async (t) => {
  await t.context.engine?.close();
  if (t.context.folder) await rm(t.context.folder, { recursive: true });
});

function request(change: Partial<InferenceRequest> = {}): InferenceRequest {
  const wants = { depth: '32FC1', labels: true, pointStride: 4 } as const;
  return { image: testImage(), info: testInfo(), cameraKind: 'raw', scale: 1, wants, ...change };
}

function floats({ data }: { data: Uint8Array }): Float32Array {
  return new Float32Array(data.slice().buffer);
}

test('depth, labels, colours and mask are complete messages with the values of the graph', async (t) => {
  const result = await t.context.engine.infer(request());
  const { depth, labels, color, dynamic } = result.messages;
  const depthImage = imageCodec.decode(depth);
  t.is(depthImage.encoding, '32FC1');
  t.deepEqual(depthImage.header, testImage().header);
  t.deepEqual(
    [depthImage.height, depthImage.width, depthImage.step],
    [TEST_HEIGHT, TEST_WIDTH, TEST_WIDTH * 4],
  );
  const meters = floats(depthImage);
  const labelImage = imageCodec.decode(labels ?? new Uint8Array());
  const colorImage = imageCodec.decode(color ?? new Uint8Array());
  const maskImage = imageCodec.decode(dynamic ?? new Uint8Array());
  t.deepEqual([labelImage.encoding, colorImage.encoding, maskImage.encoding], ['mono8', 'rgb8', 'mono8']);
  for (const [row, column] of [
    [0, 1],
    [3, 17],
    [TEST_HEIGHT - 1, TEST_WIDTH - 1],
  ] as const) {
    const pixel = row * TEST_WIDTH + column;
    const label = testLabel(column * 4);
    t.true(Math.abs((meters[pixel] ?? 0) * testDisparity(column * 4) - 1) < 1e-5);
    t.is(labelImage.data[pixel], label);
    t.deepEqual(
      [...colorImage.data.subarray(pixel * 3, pixel * 3 + 3)],
      [...(CITYSCAPES_CLASSES[label]?.color ?? [])],
    );
    t.is(maskImage.data[pixel], label >= 11 ? 255 : 0);
  }
  t.is(meters[0], Number.POSITIVE_INFINITY, 'black is farther than the range of the model');
  result.release();
});

test('points are the depth along the rays, with colour and label, on the strided grid', async (t) => {
  const { messages, release } = await t.context.engine.infer(request());
  const cloud = pointCloud2Codec.decode(messages.points ?? new Uint8Array());
  t.deepEqual([cloud.height, cloud.width], [TEST_HEIGHT / 4, TEST_WIDTH / 4]);
  const view = new DataView(cloud.data.buffer, cloud.data.byteOffset);
  const at = (row: number, column: number) => {
    const offset = row * cloud.row_step + column * cloud.point_step;
    return [0, 4, 8].map((field) => view.getFloat32(offset + field, true));
  };
  const [x = 0, y = 0, z = 0] = at(2, 5); // pixel (20, 8): grey 80
  t.true(Math.abs(z * testDisparity(80) - 1) < 1e-5);
  t.true(Math.abs((x / z) * 50 + 31.5 - 20) < 1e-4, 'projects back onto column 20');
  t.true(Math.abs((y / z) * 50 + 15.5 - 8) < 1e-4, 'projects back onto row 8');
  t.true(Number.isNaN(at(0, 0)[2]), 'no point in the sky');
  t.is(view.getUint32(2 * cloud.row_step + 5 * cloud.point_step + 12, true), 0x505050);
  t.is(view.getUint8(2 * cloud.row_step + 5 * cloud.point_step + 16), testLabel(80));
  release();
});

test('what is not wanted is not there', async (t) => {
  const { messages } = await t.context.engine.infer(
    request({ wants: { depth: '32FC1', labels: false, pointStride: 0 } }),
  );
  t.deepEqual(Object.keys(messages), ['depth']);
});

test('16UC1 depth is in millimetres, 0 beyond its range', async (t) => {
  const { messages } = await t.context.engine.infer(
    request({ wants: { depth: '16UC1', labels: false, pointStride: 2 } }),
  );
  const image = imageCodec.decode(messages.depth);
  t.is(image.encoding, '16UC1');
  const millimetres = new Uint16Array(image.data.slice().buffer);
  t.is(millimetres[0], 0);
  t.is(millimetres[20], Math.round(1000 / testDisparity(80)));
  t.not(messages.points, undefined);
});

test('jpeg and png images, grey, 16 bit or transparent ones too, give what the raw image gives', async (t) => {
  const grey = (row: number, column: number) => (row < 16 ? 40 : 200) + (column < 32 ? 0 : 20);
  const raw = testImage({ grey });
  const width = TEST_WIDTH;
  const pixels = Uint8Array.from({ length: TEST_HEIGHT * width }, (_, i) =>
    grey(Math.floor(i / width), i % width),
  );
  const picture = sharp(pixels, { raw: { width, height: TEST_HEIGHT, channels: 1 } });
  const files: Record<string, [Buffer, number]> = {
    'grey png': [await picture.clone().toColourspace('b-w').png().toBuffer(), 0],
    'rgb png': [await picture.clone().toColourspace('srgb').png().toBuffer(), 0],
    'rgba png': [await picture.clone().toColourspace('srgb').ensureAlpha(0.5).png().toBuffer(), 0],
    jpeg: [await picture.clone().jpeg({ quality: 100, chromaSubsampling: '4:4:4' }).toBuffer(), 2],
    'turned jpeg': [
      await picture.clone().jpeg({ quality: 100 }).withMetadata({ orientation: 6 }).toBuffer(),
      2,
    ],
  };
  for (const [name, [data, tolerance]] of Object.entries(files)) {
    const { messages } = await t.context.engine.infer(
      request({ image: { header: raw.header, format: 'bgr8', data } }),
    );
    const meters = floats(imageCodec.decode(messages.depth));
    for (const [row, column] of [
      [2, 2],
      [30, 60],
    ] as const) {
      const got = (1 / (meters[row * width + column] ?? 0) - 0.01) * 2 * 255;
      t.true(
        Math.abs(got - grey(row, column)) <= tolerance + 0.01,
        `${name}: ${got} for ${grey(row, column)}`,
      );
    }
  }
});

test('bayer, yuv422 and 16-bit images give the depth of the picture they encode', async (t) => {
  const { header, height, width } = testImage();
  const at = (row: number, column: number) => row * width + column;
  // Grey ramps: every bayer pattern of one is the ramp itself; Y is 16..235 and both colour differences 128.
  const mosaic = Uint8Array.from({ length: height * width }, (_, i) => ramp(0, i % width));
  const yuyv = Uint8Array.from({ length: height * width * 2 }, (_, i) =>
    i % 2 === 1 ? 128 : Math.round(16 + (ramp(0, (i / 2) % width) * 219) / 255),
  );
  const mono16 = Uint8Array.from({ length: height * width * 2 }, (_, i) =>
    ramp(0, Math.floor(i / 2) % width),
  );
  const images = [
    { encoding: 'bayer_gbrg8', step: width, data: mosaic, tolerance: 0 },
    { encoding: 'yuyv', step: width * 2, data: yuyv, tolerance: 1 },
    { encoding: 'mono16', step: width * 2, data: mono16, tolerance: 0 },
  ];
  const requests = images.map(({ tolerance: _, ...image }) =>
    t.context.engine.infer(request({ image: { header, height, width, is_bigendian: 1, ...image } })),
  );
  for (const [i, { messages, release }] of (await Promise.all(requests)).entries()) {
    const { encoding, tolerance = 0 } = images[i] ?? {};
    const meters = floats(imageCodec.decode(messages.depth));
    for (const [row, column] of [
      [1, 3],
      [3, 17],
      [height - 2, width - 2],
    ] as const) {
      const got = (1 / (meters[at(row, column)] ?? 0) - 0.01) * 2 * 255;
      t.true(
        Math.abs(got - ramp(row, column)) <= tolerance + 0.01,
        `${encoding}: ${got} in column ${column}`,
      );
    }
    release();
  }
});

test('colours of a converted image reach the cloud; one that cannot be converted fails alone', async (t) => {
  const { header } = testImage();
  const { engine } = t.context;
  const size = { height: 2, width: 2, is_bigendian: 0 };
  const wants = { depth: '32FC1', labels: false, pointStride: 1 } as const;
  const of = (encoding: string, step: number, data: number[]) =>
    request({
      image: { header, ...size, encoding, step, data: Uint8Array.from(data) },
      info: testInfo(size),
      wants,
    });
  const [refused, bayer, uyvy] = await Promise.allSettled([
    engine.infer(of('rgb7', 6, new Array(12).fill(1))),
    engine.infer(of('bayer_rggb8', 2, [200, 100, 100, 50])),
    engine.infer(of('uyvy', 4, [90, 81, 240, 81, 90, 81, 240, 81])), // red in BT.601
  ]);
  t.is(refused?.status, 'rejected');
  for (const [result, color] of [
    [bayer, [200, 100, 50]],
    [uyvy, [255, 0, 0]],
  ] as const) {
    if (result?.status !== 'fulfilled') throw result?.reason;
    const cloud = pointCloud2Codec.decode(result.value.messages.points ?? new Uint8Array());
    const [blue = 0, green = 0, red = 0] = cloud.data.subarray(12, 15);
    t.true(
      [red, green, blue].every((value, i) => Math.abs(value - (color[i] ?? 0)) <= 1),
      `${red} ${green} ${blue}`,
    );
  }
});

test('a frame that fails rejects alone: frames before and after it succeed', async (t) => {
  const { engine } = t.context;
  const broken = { header: testImage().header, format: 'jpeg', data: new Uint8Array(100).fill(3) };
  const results = await Promise.allSettled([
    engine.infer(request()),
    engine.infer(request({ image: broken })),
    engine.infer(request({ info: testInfo({ width: 99 }) })),
    engine.infer(request()),
  ]);
  t.deepEqual(
    results.map(({ status }) => status),
    ['fulfilled', 'rejected', 'rejected', 'fulfilled'],
  );
  t.regex(String((results[1] as PromiseRejectedResult).reason), /cannot be decoded/);
  t.regex(String((results[2] as PromiseRejectedResult).reason), /announces images of 99 x 32/);
});

test('images of other sizes may follow each other', async (t) => {
  const sizes = [
    [64, 32],
    [40, 30],
    [128, 96],
    [40, 30],
  ] as const;
  const results = await Promise.all(
    sizes.map(([width, height]) =>
      t.context.engine.infer(
        request({ image: testImage({ width, height }), info: testInfo({ width, height }) }),
      ),
    ),
  );
  t.deepEqual(
    results.map(({ width, height }) => [width, height]),
    sizes.map((size) => [...size]),
  );
  for (const { messages, width, height } of results) {
    t.is(imageCodec.decode(messages.depth).data.length, width * height * 4);
    t.is(pointCloud2Codec.decode(messages.points ?? new Uint8Array()).width, Math.ceil(width / 4));
  }
});

test('released memory is used again', async (t) => {
  const first = await t.context.engine.infer(request());
  first.release();
  t.is(first.messages.depth.byteLength, 0, 'its buffer went back to the worker');
  const second = await t.context.engine.infer(request());
  t.is(imageCodec.decode(second.messages.depth).width, TEST_WIDTH);
});

test('memory that somebody keeps is not written by later frames, and is used again afterwards', async (t) => {
  const { engine } = t.context;
  const kept = await engine.infer(request());
  const end = kept.keep?.();
  const before = kept.messages.depth.slice();
  kept.release();
  const grey = () => 10;
  for (let frame = 0; frame < 3; frame++)
    (await engine.infer(request({ image: testImage({ grey }) }))).release();
  t.deepEqual(kept.messages.depth, before);
  end?.();
  t.is(kept.messages.depth.byteLength, 0, 'its buffer went back to the worker');
});

test('several sessions share the frames; closing finishes those in flight', async (t) => {
  const graphPath = path.join(t.context.folder, 'perception.onnx');
  const engine = await InferenceEngine.open({ graphPath, device: 'cpu', threads: 2, goal: 'throughput' });
  t.is(engine.sessions, 2);
  t.is(engine.threadsPerSession, 1);
  t.is(engine.capacity, 4);
  const frames = Array.from({ length: 9 }, () => engine.infer(request()));
  const closed = engine.close();
  t.is((await Promise.all(frames)).length, 9);
  await closed;
  await t.throwsAsync(engine.infer(request()), { name: 'EngineError', message: /closed/ });
});

test('auto says what it took and why not something faster', async (t) => {
  const graphPath = path.join(t.context.folder, 'perception.onnx');
  const engine = await InferenceEngine.open({ graphPath, device: 'auto' });
  if (engine.device === 'cpu')
    t.deepEqual(
      engine.passedOver.map(({ device }) => device),
      ['cuda', 'webgpu'],
    );
  else t.pass(`this machine has ${engine.device}`);
  await engine.close();
});

test('a model that is missing, or no graph of the contract, is a clear error', async (t) => {
  await t.throwsAsync(InferenceEngine.open({ graphPath: '/nowhere/perception.onnx', device: 'cpu' }), {
    name: 'EngineError',
    message: /nowhere\/perception\.onnx cannot be opened on `cpu`/,
  });
});
