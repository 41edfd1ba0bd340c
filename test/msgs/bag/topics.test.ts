import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import sqlite from 'node-sqlite3-wasm';
import { MAGIC, RawRecords } from './mcap/raw-records.js';
import { readAll } from './read-all.js';
import { scratchFolder } from './scratch-folder.js';

const raw = new RawRecords();

/** An MCAP file without a summary: one message on each channel, `[topic, type]`, channel 1 the first. */
function channelsFile(channels: readonly (readonly [string, string])[]): Buffer {
  const types = [...new Set(channels.map(([, type]) => type))];
  return Buffer.concat([
    ...[MAGIC, raw.header('ros2')],
    ...types.map((name, at) =>
      raw.schema({ id: at + 1, name, encoding: 'ros2msg', data: Buffer.from(`# ${name}`) }),
    ),
    ...channels.map(([topic, type], at) =>
      raw.channel({ id: at + 1, schemaId: types.indexOf(type) + 1, topic, encoding: 'cdr', metadata: {} }),
    ),
    ...channels.map((_, at) => {
      const time = BigInt(1000 + at);
      return raw.message({
        channelId: at + 1,
        sequence: 0,
        logTime: time,
        publishTime: time,
        data: Buffer.of(0, 1, 0, 0, at),
      });
    }),
    ...[raw.dataEnd(), raw.footer(0), MAGIC],
  ]);
}

const TF = 'tf2_msgs/msg/TFMessage';
const IMAGE = 'sensor_msgs/msg/Image';
const twice = channelsFile([
  ['/tf_static', TF],
  ['/image', IMAGE],
  ['/tf_static', TF],
]);

test('a topic on two channels is one topic, in a file and in a folder', async (t) => {
  const folder = join(await scratchFolder(t), 'bag');
  await mkdir(folder);
  const path = join(folder, 'a.mcap');
  await writeFile(path, twice);
  for (const bag of [await readAll(path), await readAll(folder)]) {
    t.deepEqual(
      bag.topics.map(({ topic, type, messageCount }) => [topic, type, messageCount]),
      [
        ['/tf_static', TF, 2],
        ['/image', IMAGE, 1],
      ],
    );
    t.is(bag.messages.length, 3);
    t.is(bag.messageCount, 3);
    t.deepEqual(bag.problems, []);
  }
});

test('all channels of a topic are read when it is asked for', async (t) => {
  const path = join(await scratchFolder(t), 'a.mcap');
  await writeFile(path, twice);
  const { messages } = await readAll(path, { topics: ['/tf_static'] });
  t.deepEqual(
    messages.map(({ cdr }) => cdr[4]),
    [0, 2],
  );
});

test('several types on one topic are said, with how many messages each has', async (t) => {
  const path = join(await scratchFolder(t), 'a.mcap');
  await writeFile(
    path,
    channelsFile([
      ['/x', TF],
      ['/x', IMAGE],
      ['/x', IMAGE],
    ]),
  );
  const bag = await readAll(path);
  t.deepEqual(
    bag.topics.map(({ topic, type, messageCount }) => [topic, type, messageCount]),
    [['/x', IMAGE, 2]],
  );
  t.deepEqual(
    bag.messages.map(({ type }) => type),
    [TF, IMAGE, IMAGE],
  );
  t.is(bag.problems.length, 1);
  t.is(
    bag.problems[0]?.what,
    'topic `/x` has messages of several types: `sensor_msgs/msg/Image` (2), `tf2_msgs/msg/TFMessage` (1)',
  );
});

test('a topic that stands twice in the table of an SQLite file is one topic', async (t) => {
  const path = join(await scratchFolder(t), 'a.db3');
  const database = new sqlite.Database(path);
  database.exec(`CREATE TABLE topics(id INTEGER PRIMARY KEY, name TEXT, type TEXT, serialization_format TEXT, offered_qos_profiles TEXT);
    CREATE TABLE messages(id INTEGER PRIMARY KEY, topic_id INTEGER, timestamp INTEGER, data BLOB);
    INSERT INTO topics VALUES (1, '/image', '${IMAGE}', 'cdr', ''), (2, '/tf', '${TF}', 'cdr', ''), (3, '/image', '${IMAGE}', 'cdr', '');
    INSERT INTO messages VALUES (1, 1, 10, x'0001000001'), (2, 2, 20, x'0001000002'), (3, 3, 30, x'0001000003');`);
  database.close();
  const bag = await readAll(path);
  t.deepEqual(
    bag.topics.map(({ topic, messageCount }) => [topic, messageCount]),
    [
      ['/image', 2],
      ['/tf', 1],
    ],
  );
  t.is(bag.messages.length, 3);
  t.deepEqual(bag.problems, []);
});
