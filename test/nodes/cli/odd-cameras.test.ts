import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import anyTest, { type TestFn } from 'ava';
import sharp from 'sharp';
import { openBag } from '../../../msgs/bag/open-bag.js';
import type { CameraInfo } from '../../../msgs/camera-info.js';
import { imageCodec } from '../../../msgs/image.js';
import { nsToStamp } from '../../../msgs/stamp.js';
import type { ReplayOptions } from '../../../nodes/cli/replay-options.js';
import type { ReplaySummary } from '../../../nodes/cli/replay-summary.js';
import { runReplay } from '../../../nodes/cli/run-replay.js';
import { CAMERA_INFO, COMPRESSED, IMAGE, logTime, type RecordedMessage, writeTestBag } from '../test-bag.js';
import { testImage, testInfo } from '../test-messages.js';
import { TEST_HEIGHT, TEST_WIDTH, writeTestModel } from '../test-model.js';

const test = anyTest as TestFn<{ folder: string; model: string }>;

test.before(async (t) => {
  const folder = await mkdtemp(path.join(tmpdir(), 'rxdepth-odd-cameras-'));
  t.context = { folder, model: await writeTestModel(path.join(folder, 'model')) };
});

test.after.always((t) => rm(t.context.folder, { recursive: true }));

/** A drawn street in grey: sky, a road that narrows, a car. */
function street(row: number, column: number): number {
  if (row < 22) return 180;
  if (row > 26 && row < 36 && column > 40 && column < 54) return 50;
  return Math.abs(column - 32) < row - 16 ? 96 : 120;
}

const header = (index: number, frame_id = 'camera', offsetNs = 0n) => ({
  stamp: nsToStamp(logTime(index) + offsetNs),
  frame_id,
});
const rgb = (index: number, frame_id?: string) => ({
  ...testImage({ grey: street }),
  header: header(index, frame_id),
});

function recorded(index: number, message: unknown, type = IMAGE): RecordedMessage {
  const topic = type === IMAGE ? '/cam/image_raw' : '/cam/image_raw/compressed';
  return { topic, type, logTimeNs: logTime(index), message };
}

function info(index: number, changes: Partial<CameraInfo> = {}): RecordedMessage {
  const message = { ...testInfo(), header: header(index), ...changes };
  return { topic: '/cam/camera_info', type: CAMERA_INFO, logTimeNs: logTime(index) + 1n, message };
}

interface Replayed {
  readonly summary: ReplaySummary;
  /** Metres of the first frame. */
  readonly depth: Float32Array;
}

async function replayed(
  { context: { folder, model } }: { context: { folder: string; model: string } },
  name: string,
  messages: readonly RecordedMessage[],
  options: Partial<ReplayOptions> = {},
): Promise<Replayed> {
  const bag = await writeTestBag(path.join(folder, name), messages);
  const output = path.join(folder, `${name}_out`);
  const summary = await runReplay(
    {
      ...{ bag, output, model, device: 'cpu', threads: 1, pointsStride: 4, depthEncoding: '32FC1' },
      ...{ pictureEvery: 10, images: false, overwrite: false, verbose: false },
      ...options,
    },
    { progress: { isTTY: false, write: () => {} }, signal: new AbortController().signal },
  );
  const reader = await openBag(output);
  let depth = new Float32Array();
  for await (const { cdr } of reader.messages({ topics: ['/rxdepth/depth/image'] })) {
    depth = new Float32Array(imageCodec.decode(cdr).data.slice().buffer);
    break;
  }
  await reader.close();
  return { summary, depth };
}

const texts = ({ warnings }: ReplaySummary) => warnings.map(({ text }) => text).join('\n');
const most = (a: Float32Array, b: Float32Array) =>
  a.length === b.length && a.length > 0
    ? a.reduce((worst, value, i) => Math.max(worst, Math.abs(value / (b[i] ?? 0) - 1)), 0)
    : Number.POSITIVE_INFINITY;

test.serial('nv12 gives the depth of the same picture as rgb8', async (t) => {
  const wanted = await replayed(t, 'rgb', [recorded(0, rgb(0)), info(0)]);
  // Grey of studio range, colours neutral.
  const luma = Array.from({ length: TEST_WIDTH * TEST_HEIGHT }, (_, i) =>
    Math.round(16 + (street(Math.floor(i / TEST_WIDTH), i % TEST_WIDTH) * 219) / 255),
  );
  const data = Uint8Array.from([...luma, ...new Array(luma.length / 2).fill(128)]);
  const planar = { ...rgb(0), encoding: 'nv12', step: TEST_WIDTH, data };
  const got = await replayed(t, 'nv12', [recorded(0, planar), info(0)]);
  t.is(got.summary.framesOut, 1);
  t.true(most(got.depth, wanted.depth) < 0.02, String(most(got.depth, wanted.depth)));
});

test.serial(
  'what is no jpeg or png fails alone, a jpeg without its end marker is a frame and a warning',
  async (t) => {
    const { data: pixels, step } = rgb(0);
    const tight = Uint8Array.from({ length: TEST_WIDTH * TEST_HEIGHT * 3 }, (_, i) => {
      const row = Math.floor(i / (TEST_WIDTH * 3));
      return pixels[row * step + (i % (TEST_WIDTH * 3))] ?? 0;
    });
    const raw = { width: TEST_WIDTH, height: TEST_HEIGHT, channels: 3 } as const;
    const jpeg = await sharp(tight, { raw }).jpeg().toBuffer();
    const claims = await sharp(tight, { raw }).png().toBuffer();
    claims.writeUInt32BE(16383, 16);
    claims.writeUInt32BE(16383, 20);
    const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="64" height="48"/>');
    const files = [jpeg, svg, claims, jpeg.subarray(0, -2)];
    const messages = files.flatMap((data, index) => [
      recorded(index, { header: header(index), format: 'jpeg', data }, COMPRESSED),
      info(index),
    ]);
    const { summary } = await replayed(t, 'compressed', messages);
    t.deepEqual([summary.framesIn, summary.framesOut, summary.framesFailed], [4, 2, 2]);
    const reasons = summary.faults.map(({ reason }) => reason).join('\n');
    t.regex(reasons, /cannot be decoded: it is no `jpeg` or `png`/);
    t.regex(reasons, /16383 x 16383/);
    t.regex(texts(summary), /lack their end marker/);
  },
);

test.serial(
  'camera_infos of another spelling of the frame, stamped later, serve every image with a warning',
  async (t) => {
    for (const [name, image, other] of [
      ['empty', 'cam', ''],
      ['slash', '/cam', 'cam'],
    ] as const) {
      const messages = [0, 1].flatMap((index) => [
        recorded(index, rgb(index, image)),
        info(index, { header: header(index, other, 2_000_000n) }),
      ]);
      const { summary } = await replayed(t, `frame_${name}`, messages);
      t.is(summary.framesOut, 2, name);
      t.regex(texts(summary), /the image's frame_id is kept/);
      t.regex(texts(summary), /nearest in time serves/);
    }
  },
);

test.serial('placeholders of K beside a good P give the right metres and a warning', async (t) => {
  const wanted = await replayed(t, 'calibrated', [recorded(0, rgb(0)), info(0)]);
  for (const [name, k] of [
    ['zero', new Array(9).fill(0)],
    ['identity', [1, 0, 0, 0, 1, 0, 0, 0, 1]],
  ] as const) {
    const { summary, depth } = await replayed(t, `k_${name}`, [recorded(0, rgb(0)), info(0, { k })]);
    t.true(most(depth, wanted.depth) < 1e-6, name);
    t.regex(texts(summary), /P is good and taken.*--camera-kind rectified/);
  }
  const alone = [recorded(0, rgb(0)), info(0, { k: new Array(9).fill(0), p: new Array(12).fill(0) })];
  const refused = await replayed(t, 'uncalibrated', alone);
  t.regex(refused.summary.faults[0]?.reason ?? '', /uncalibrated.*--intrinsics/);
  // The option that the refusal names works.
  const intrinsics = { fx: 50, fy: 50, cx: 31.5, cy: 23.5 };
  const given = await replayed(t, 'given', alone, { intrinsics });
  t.true(most(given.depth, wanted.depth) < 1e-6);
});
