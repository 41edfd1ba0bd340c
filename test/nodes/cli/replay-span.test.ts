import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { Command } from 'commander';
import sqlite from 'node-sqlite3-wasm';
import type { BagMessage } from '../../../msgs/bag/bag-reader.js';
import { openBag } from '../../../msgs/bag/open-bag.js';
import { cameraInfoCodec } from '../../../msgs/camera-info.js';
import { codecFor } from '../../../msgs/codecs.js';
import { tfMessageCodec } from '../../../msgs/tf-message.js';
import { register } from '../../../nodes/cli/replay.js';
import { replayBag } from '../../../nodes/cli/replay-bag.js';
import { heldMessages, replaySpan } from '../../../nodes/cli/replay-span.js';
import { formatSummary } from '../../../nodes/cli/replay-summary.js';
import { CAMERA_INFO, IMAGE, logTime, type RecordedMessage, TF, writeTestBag } from '../test-bag.js';
import { testImage, testInfo } from '../test-messages.js';
import { writeTestModel } from '../test-model.js';

const TOPICS = { infoTopic: '/camera/camera_info', staticTopic: '/tf_static' };
const never = new AbortController().signal;

async function scratch(t: ExecutionContext): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'rxdepth-span-'));
  t.teardown(() => rm(folder, { recursive: true }));
  return folder;
}

function image(index: number): RecordedMessage {
  return {
    ...{ topic: '/camera/image_raw', type: IMAGE, logTimeNs: logTime(index) },
    message: testImage({ stampNs: logTime(index) }),
  };
}

/** @param fx tells calibrations apart */
function info(index: number, fx: number): RecordedMessage {
  const { k, p, ...rest } = testInfo({ stampNs: logTime(index) });
  const message = { ...rest, k: [fx, ...Array.from(k).slice(1)], p: [fx, ...Array.from(p).slice(1)] };
  return { topic: '/camera/camera_info', type: CAMERA_INFO, logTimeNs: logTime(index) + 1n, message };
}

function transform(index: number, frames: readonly string[], x: number): RecordedMessage {
  const message = {
    transforms: frames.map((child_frame_id) => ({
      header: { stamp: { sec: 0, nanosec: 0 }, frame_id: 'base_link' },
      child_frame_id,
      transform: { translation: { x, y: 0, z: 0 }, rotation: { x: 0, y: 0, z: 0, w: 1 } },
    })),
  };
  return { topic: '/tf_static', type: TF, logTimeNs: logTime(index) + 2n, message };
}

/** Calibration and mount are sent once, and changed once, as latched topics are: at the images 0 and 5. */
function latchedDrive(frames: number): RecordedMessage[] {
  const said = [
    transform(0, ['camera', 'lidar'], 1),
    info(0, 60),
    transform(5, ['camera'], 2),
    info(5, 70),
    transform(frames - 2, ['camera'], 3),
  ];
  const images = Array.from({ length: frames }, (_, index) => image(index));
  return [...images, ...said].sort((a, b) => Number(a.logTimeNs - b.logTimeNs));
}

/** The same as a rosbag2 database that SQLite itself writes. */
async function sqliteBag(folder: string, messages: readonly RecordedMessage[]): Promise<string> {
  await mkdir(folder, { recursive: true });
  const file = path.join(folder, 'drive.db3');
  const database = new sqlite.Database(file);
  database.exec(`
    CREATE TABLE topics(id INTEGER PRIMARY KEY, name TEXT NOT NULL, type TEXT NOT NULL,
      serialization_format TEXT NOT NULL, offered_qos_profiles TEXT NOT NULL);
    CREATE TABLE messages(id INTEGER PRIMARY KEY, topic_id INTEGER NOT NULL, timestamp INTEGER NOT NULL, data BLOB NOT NULL);
    CREATE INDEX timestamp_idx ON messages (timestamp ASC);`);
  const ids = new Map<string, number>();
  for (const { topic, type, logTimeNs, message } of messages) {
    if (!ids.has(topic)) {
      ids.set(topic, ids.size + 1);
      database.run("INSERT INTO topics VALUES (?, ?, ?, 'cdr', '')", [ids.size, topic, type]);
    }
    const data = codecFor(type)?.encode(message) ?? new Uint8Array();
    database.run('INSERT INTO messages(topic_id, timestamp, data) VALUES (?, ?, ?)', [
      ids.get(topic) ?? 0,
      logTimeNs,
      data,
    ]);
  }
  database.close();
  return file;
}

async function readAll(bag: string): Promise<BagMessage[]> {
  const reader = await openBag(bag);
  const messages: BagMessage[] = [];
  for await (const message of reader.messages()) messages.push({ ...message, cdr: message.cdr.slice() });
  await reader.close();
  return messages;
}

const timesOf = (messages: readonly BagMessage[], topic: string) =>
  messages.filter((message) => message.topic === topic).map(({ logTimeNs }) => logTimeNs);

for (const storage of ['mcap', 'sqlite3'] as const) {
  test.serial(`${storage}: a part has its images, under what was said once before it`, async (t) => {
    t.timeout(120_000);
    const folder = await scratch(t);
    const drive = latchedDrive(30);
    const bag =
      storage === 'mcap'
        ? await writeTestBag(path.join(folder, 'bag'), drive)
        : await sqliteBag(folder, drive);
    const output = path.join(folder, 'out');
    const model = await writeTestModel(path.join(folder, 'model'));
    const given = { bag, output, model, device: 'cpu', threads: 1, motion: false } as const;
    const summary = await replayBag({ ...given, start: 1, duration: 0.5, images: true });
    t.is(summary.framesOut, 5);
    t.is(summary.framesFailed, 0, 'the calibration that was sent half a second before still holds');
    t.deepEqual(summary.problems, []);
    t.deepEqual(summary.part, { from: 1, to: 1.5 });
    t.regex(formatSummary(summary, false), /from second 1 to second 1\.5/);

    const written = await readAll(output);
    const images = [10, 11, 12, 13, 14].map(logTime);
    t.deepEqual(timesOf(written, '/rxdepth/depth/image'), images);
    t.deepEqual(timesOf(written, '/camera/image_raw'), images);
    // Half a second before the part the camera was moved and calibrated anew: that holds, and the lidar's mount of the start.
    const mounts = written
      .filter(({ topic }) => topic === '/tf_static')
      .map(({ cdr, logTimeNs }) => ({ logTimeNs, message: tfMessageCodec.decode(cdr) }));
    t.deepEqual(
      mounts.map(({ message }) =>
        message.transforms.map((one) => [one.child_frame_id, one.transform.translation.x]),
      ),
      [
        [
          ['camera', 1],
          ['lidar', 1],
        ],
        [['camera', 2]],
      ],
    );
    for (const { logTimeNs } of mounts)
      t.is(logTimeNs, logTime(10), 'players hand it out with the first image');
    const depthInfos = written.filter(({ topic }) => topic === '/rxdepth/depth/camera_info');
    t.deepEqual(
      depthInfos.map(({ cdr }) => cameraInfoCodec.decode(cdr).k[0]),
      [70, 70, 70, 70, 70],
    );
  });
}

test.serial('parts one after the other have every image once', async (t) => {
  t.timeout(120_000);
  const folder = await scratch(t);
  const bag = await writeTestBag(path.join(folder, 'bag'), latchedDrive(20));
  const model = await writeTestModel(path.join(folder, 'model'));
  const seen: bigint[] = [];
  for (const [start, duration] of [
    [0, 0.7],
    [0.7, 0.6],
    [1.3, undefined],
  ] as const) {
    const output = path.join(folder, `out${start}`);
    await replayBag({
      ...{ bag, output, model, device: 'cpu', threads: 1, motion: false, start },
      ...(duration !== undefined && { duration }),
    });
    seen.push(...timesOf(await readAll(output), '/rxdepth/depth/image'));
  }
  t.deepEqual(
    seen,
    Array.from({ length: 20 }, (_, index) => logTime(index)),
  );
});

test('a start beyond the recording is refused with its length, and what is no time too', async (t) => {
  const folder = await scratch(t);
  const reader = await openBag(await writeTestBag(path.join(folder, 'bag'), latchedDrive(20)));
  t.teardown(() => reader.close());
  await t.throwsAsync(replaySpan(reader, { start: 7 }), {
    message: /`--start 7`: expected `less than the length of the recording`, and .*bag has 1\.9 s/,
  });
  for (const start of [-1, Number.NaN, Number.POSITIVE_INFINITY])
    await t.throwsAsync(replaySpan(reader, { start }), {
      message: /`--start`: expected `a number of at least 0`/,
    });
  for (const duration of [0, -1, Number.NaN])
    await t.throwsAsync(replaySpan(reader, { duration }), {
      message: /`--duration`: expected `a number above 0`/,
    });
  t.deepEqual(await replaySpan(reader, {}), {});
});

test('a streamed camera_info is found just before the part, without reading the rest', async (t) => {
  const folder = await scratch(t);
  const streamed = Array.from({ length: 600 }, (_, index) => info(index, index + 1));
  const bag = await openBag(await writeTestBag(path.join(folder, 'bag'), streamed));
  t.teardown(() => bag.close());
  const begins: (bigint | undefined)[] = [];
  const reader = {
    topics: bag.topics,
    ...(bag.startNs !== undefined && { startNs: bag.startNs }),
    messages: (options: Parameters<typeof bag.messages>[0]) => {
      begins.push(options?.fromNs);
      return bag.messages(options);
    },
  };
  const held = await heldMessages(reader, logTime(500), TOPICS, never);
  t.deepEqual(
    held.map(({ cdr, logTimeNs }) => [cameraInfoCodec.decode(cdr).k[0], logTimeNs]),
    [[500, logTime(500)]],
  );
  t.deepEqual(begins, [logTime(480)], 'two seconds before');
});

test('an unreadable static transform is handed on, where it is told as damage', async (t) => {
  const folder = await scratch(t);
  const odd = {
    topic: '/tf_static',
    type: TF,
    logTimeNs: logTime(0),
    bytes: new Uint8Array([0, 1, 0, 0, 9]),
  };
  const reader = await openBag(await writeTestBag(path.join(folder, 'bag'), [odd, image(3)]));
  t.teardown(() => reader.close());
  const held = await heldMessages(reader, logTime(2), TOPICS, never);
  t.deepEqual(
    held.map(({ cdr }) => [...cdr]),
    [[0, 1, 0, 0, 9]],
  );
});

test("the flags have the names of ros2 bag play's too, one of each", async (t) => {
  const parse = async (...flags: string[]) => {
    const program = new Command().exitOverride().configureOutput({ writeErr: () => {} });
    register(program);
    const [command] = program.commands;
    command?.exitOverride().action(() => {});
    await program.parseAsync(['replay', 'BAG', ...flags], { from: 'user' });
    return command?.opts();
  };
  t.like(await parse('--start', '2.5', '--duration', '10'), { start: 2.5, duration: 10 });
  t.like(await parse('--start-offset', '0', '--playback-duration', '1'), {
    startOffset: 0,
    playbackDuration: 1,
  });
  for (const flags of [
    ['--start', '-1'],
    ['--start', ''],
    ['--start', 'x'],
    ['--duration', '0'],
    ['--start', '1', '--start-offset', '2'],
    ['--duration', '1', '--playback-duration', '2'],
  ])
    await t.throwsAsync(parse(...flags), undefined, flags.join(' '));
});

test('a recording of one moment has a part from 0 on', async (t) => {
  const folder = await scratch(t);
  const reader = await openBag(await writeTestBag(path.join(folder, 'bag'), [image(0)]));
  t.teardown(() => reader.close());
  t.deepEqual(await replaySpan(reader, { start: 0, duration: 1 }), {
    beforeNs: logTime(10),
    part: { from: 0, to: 1 },
  });
});
