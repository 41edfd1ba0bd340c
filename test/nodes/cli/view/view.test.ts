import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import anyTest, { type ExecutionContext, type TestFn } from 'ava';
import { perceptionStatusCodec } from '../../../../msgs/perception-status.js';
import { runReplay } from '../../../../nodes/cli/run-replay.js';
import { type RunViewOptions, runView } from '../../../../nodes/cli/view/run-view.js';
import { halfTable } from '../../../../nodes/viewer/preview/half-float.js';
import { runRxdepth } from '../../../bin/run-rxdepth.js';
import {
  exactVideo,
  VIDEO_HEIGHT,
  VIDEO_WIDTH,
  videoPictures,
  videoTools,
  whereVideo,
} from '../../../msgs/video/encode-video.js';
import { packetMessage } from '../../../msgs/video/packet-message.js';
import { CAMERA_INFO, IMAGE, logTime, type RecordedMessage, writeTestBag } from '../../test-bag.js';
import { testImage, testInfo } from '../../test-messages.js';
import { TEST_WIDTH, testDisparity, testLabel, writeTestModel } from '../../test-model.js';
import { ViewClient } from '../../viewer/view-client.js';

interface Context {
  readonly folder: string;
  readonly model: string;
  readonly bag: string;
}

const test = anyTest as TestFn<Context>;
const av = await videoTools();
const FRAMES = 12;
/** Every frame of one grey, lighter and lighter. */
const grey = (index: number) => 20 * (index + 1);

test.before(async (t) => {
  const folder = await mkdtemp(path.join(tmpdir(), 'rxdepth-view-'));
  const messages = Array.from({ length: FRAMES }, (_, index): RecordedMessage[] => {
    const stampNs = logTime(index);
    const image = testImage({ stampNs, grey: () => grey(index) });
    return [
      // Logged before its image.
      {
        topic: '/camera/camera_info',
        type: CAMERA_INFO,
        logTimeNs: stampNs - 7n,
        message: testInfo({ stampNs }),
      },
      { topic: '/camera/image_raw', type: IMAGE, logTimeNs: stampNs, message: image },
    ];
  }).flat();
  const bag = await writeTestBag(path.join(folder, 'drive'), messages);
  t.context = { folder, bag, model: await writeTestModel(path.join(folder, 'model')) };
});

test.after.always((t) => rm(t.context.folder, { recursive: true }));

type Change = Partial<RunViewOptions>;

/** A view at work, and a client that looks at it. */
async function viewed(t: ExecutionContext<Context>, options: Change): Promise<ViewClient> {
  const stop = new AbortController();
  const url = await new Promise<string>((resolve, reject) => {
    const view = runView({
      ...{
        host: '127.0.0.1',
        port: 0,
        paused: true,
        signal: stop.signal,
        say: (text: string) => t.log(text),
      },
      opened: (addresses) => resolve(addresses.url),
      ...options,
      // What is left out is given by each test.
    } as RunViewOptions);
    view.catch(reject);
    t.teardown(async () => {
      stop.abort();
      await view;
    });
  });
  const client = await ViewClient.open(url);
  t.teardown(() => client.close());
  return client;
}

const bagOptions = ({ bag, model }: Context): Change => ({
  ...{ bag, model, device: 'cpu', threads: 1, pointsStride: 4, motion: true },
});

const table = halfTable();
const depthOf = ({ payload }: { readonly payload: Uint8Array }) =>
  table[new Uint16Array(payload.buffer.slice(payload.byteOffset))[0] ?? 0] ?? Number.NaN;
const near = (t: ExecutionContext, found: number, expected: number) =>
  t.true(Math.abs(found / expected - 1) < 0.002, `${found}, expected ${expected}`);

test('a bag is replayed while somebody looks: only what is looked at, step by step, and from anywhere', async (t) => {
  t.timeout(300_000);
  const client = await viewed(t, bagOptions(t.context));
  const { panels } = await client.until(() => client.last('panels'));
  t.deepEqual(panels.map(({ panel }) => panel).sort(), [
    'camera',
    'cloud',
    'depth',
    'dynamic',
    'labels',
    'moving',
  ]);

  client.send({ op: 'show', panels: ['camera', 'depth'] });
  const first = await client.until(() => client.frame('depth', logTime(0)));
  near(t, depthOf(first), 1 / testDisparity(grey(0)));
  t.deepEqual(
    [...(await client.until(() => client.frame('camera', logTime(0)))).payload.subarray(0, 3)],
    [20, 20, 20],
  );
  t.is(first.head.width, TEST_WIDTH);
  t.is(client.frame('labels'), undefined, 'nobody looks at labels');

  client.send({ op: 'playback', step: true });
  near(t, depthOf(await client.until(() => client.frame('depth', logTime(1)))), 1 / testDisparity(grey(1)));

  // Another panel while it is paused: the same frame, computed once more with what is new.
  client.send({ op: 'show', panels: ['camera', 'depth', 'labels', 'cloud'] });
  const labels = await client.until(() => client.frame('labels', logTime(1)));
  t.is(labels.payload[0], testLabel(grey(1)));
  t.true((await client.until(() => client.frame('cloud', logTime(1)))).payload.length > 0);

  client.send({ op: 'playback', seekNs: String(logTime(8)) });
  near(t, depthOf(await client.until(() => client.frame('depth', logTime(8)))), 1 / testDisparity(grey(8)));
  client.send({ op: 'playback', seekNs: String(logTime(3)) });
  near(t, depthOf(await client.until(() => client.frame('depth', logTime(3)))), 1 / testDisparity(grey(3)));

  client.send({ op: 'playback', play: true, speed: 4 });
  await client.until(() => client.last('playback')?.playback.status === 'ended');
  t.is(client.last('playback')?.playback.timeNs, String(logTime(FRAMES - 1)));
  const { status } = await client.until(() => client.last('status'));
  t.like(status, { model: 'test/3', provider: 'cpu', failed: 0 });
});

whereVideo(test, av)('a drive of H.265 is shown picture by picture, from anywhere', async (t) => {
  t.timeout(300_000);
  const pictures = videoPictures(FRAMES);
  const packets = await exactVideo(pictures, 'h265', { group: 5 });
  const size = { width: VIDEO_WIDTH, height: VIDEO_HEIGHT };
  const messages = packets.flatMap(({ picture, data }): RecordedMessage[] => {
    const stampNs = logTime(picture);
    return [
      packetMessage('/camera/video', stampNs, { data, format: 'h265' }),
      {
        ...{ topic: '/camera/camera_info', type: CAMERA_INFO, logTimeNs: stampNs },
        message: testInfo({ stampNs, ...size }),
      },
    ];
  });
  const bag = await writeTestBag(path.join(t.context.folder, 'video'), messages);
  const client = await viewed(t, bagOptions({ ...t.context, bag }));
  client.send({ op: 'show', panels: ['camera', 'depth'] });
  /** Both panels at a frame; the camera's is the very picture that was encoded. */
  const shows = async (index: number) => {
    const { head, payload } = await client.until(() => client.frame('camera', logTime(index)));
    t.like(head, { format: 'rgb', ...size });
    t.deepEqual(Buffer.from(payload), Buffer.from(pictures[index] ?? []), `picture ${index}`);
    await client.until(() => client.frame('depth', logTime(index)));
  };
  await shows(0);
  // In the middle of a group, on, and back.
  client.send({ op: 'playback', seekNs: String(logTime(8)) });
  await shows(8);
  client.send({ op: 'playback', step: true });
  await shows(9);
  client.send({ op: 'playback', seekNs: String(logTime(2)) });
  await shows(2);
});

test('a second page, and one that is loaded again while it is paused, see the same frame', async (t) => {
  t.timeout(300_000);
  const client = await viewed(t, bagOptions(t.context));
  client.send({ op: 'show', panels: ['depth'] });
  await client.until(() => client.frame('depth', logTime(0)));
  client.send({ op: 'playback', seekNs: String(logTime(5)) });
  await client.until(() => client.frame('depth', logTime(5)));
  for (const _ of ['second', 'again']) {
    const other = await ViewClient.open(client.url);
    other.send({ op: 'show', panels: ['depth'] });
    near(t, depthOf(await other.until(() => other.frame('depth', logTime(5)))), 1 / testDisparity(grey(5)));
    other.close();
  }
});

test('an output that was written is played as it is, sought and stepped, and nothing is computed', async (t) => {
  t.timeout(300_000);
  const { bag, model, folder } = t.context;
  const output = path.join(folder, 'output');
  await runReplay(
    {
      ...{
        bag,
        output,
        model,
        device: 'cpu',
        threads: 1,
        pointsStride: 4,
        depthEncoding: '32FC1',
        motion: true,
      },
      ...{ pictureEvery: 10, images: true, overwrite: true, verbose: false },
    },
    { progress: { isTTY: false, write: () => {} }, signal: new AbortController().signal },
  );
  const client = await viewed(t, { output });
  const { panels, classes } = await client.until(() => client.last('panels'));
  t.deepEqual(panels.map(({ panel }) => panel).sort(), [
    'camera',
    'cloud',
    'depth',
    'dynamic',
    'labels',
    'moving',
  ]);
  t.is(classes[13]?.name, 'car');
  client.send({ op: 'show', panels: ['depth', 'camera', 'labels'] });
  near(t, depthOf(await client.until(() => client.frame('depth', logTime(0)))), 1 / testDisparity(grey(0)));
  client.send({ op: 'playback', seekNs: String(logTime(9)) });
  near(t, depthOf(await client.until(() => client.frame('depth', logTime(9)))), 1 / testDisparity(grey(9)));
  t.is((await client.until(() => client.frame('labels', logTime(9)))).payload[0], testLabel(grey(9)));
  t.is((await client.until(() => client.frame('camera', logTime(9)))).payload[0], grey(9));
  client.send({ op: 'rollback', id: 1 });
  t.like(await client.until(() => client.last('answer')), { ok: false, message: 'no model runs here' });
});

test('options that would change nothing are refused by name, with what to do', async (t) => {
  t.timeout(300_000);
  const status = { topic: '/rxdepth/status', type: perceptionStatusCodec.type, logTimeNs: logTime(0) };
  const output = await writeTestBag(path.join(t.context.folder, 'told'), [
    { ...status, bytes: Uint8Array.of(0, 1, 0, 0) },
  ]);
  for (const [args, says] of [
    [
      ['--ros', '--model', 'x', '--device', 'cpu', '--scale', '2', '--speed', '2', '--paused', '--replay'],
      /`--replay`, `--speed`, `--paused`, `--model`, `--device`, `--scale`: .*`--ros`.*leave them out/,
    ],
    [
      [output, '--model', 'x', '--image', '/y'],
      /`--image`, `--model`: .*told holds an output.*add `--replay`/,
    ],
    [
      ['--output', output, '--no-motion', '--threads', '2'],
      /`--threads`, `--no-motion`: .*`rxdepth view --replay .*told` computes it anew/,
    ],
  ] as const) {
    const { code, stderr } = await runRxdepth(['view', '--port', '0', ...args]);
    t.is(code, 1, stderr);
    t.regex(stderr, says);
  }
});

test('what is no output of rxdepth is refused with the commands that help', async (t) => {
  const opened = () => t.fail();
  const around = { host: '127.0.0.1', port: 0, signal: new AbortController().signal, say: () => {}, opened };
  await t.throwsAsync(runView({ ...around, output: t.context.bag }), {
    name: 'NodeError',
    message: /holds no output of rxdepth: `rxdepth replay .*drive` makes one, `rxdepth view .*drive`/,
  });
});
