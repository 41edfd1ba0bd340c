import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { fixtureMessages, mcapFile } from './mcap/mcap-fixture.js';
import { fingerprint, readAll } from './read-all.js';
import { scratchFolder } from './scratch-folder.js';
import { sqliteFile } from './sqlite/sqlite-fixture.js';

const messages = fixtureMessages(60);

test('a reading begins at any time, in every kind of bag, and complains of nothing that it leaves out', async (t) => {
  const folder = await scratchFolder(t);
  await writeFile(join(folder, 'chunks.mcap'), await mcapFile(messages, { compression: 'zstd' }));
  await writeFile(join(folder, 'runs.mcap'), await mcapFile(messages, { useChunks: false }));
  await writeFile(join(folder, 'unindexed.mcap'), await mcapFile(messages, { useChunkIndex: false }));
  sqliteFile(join(folder, 'rows.db3'), messages);
  await mkdir(join(folder, 'split'));
  await writeFile(join(folder, 'split', 'a_0.mcap'), await mcapFile(messages.slice(0, 31)));
  await writeFile(join(folder, 'split', 'a_1.mcap'), await mcapFile(messages.slice(31)));
  const metadata =
    'rosbag2_bagfile_information:\n  version: 3\n  storage_identifier: mcap\n  relative_file_paths:\n' +
    '    - a_0.mcap\n    - a_1.mcap\n  topics_with_message_count:\n    - topic_metadata:\n        name: /imu\n' +
    '        type: std_msgs/msg/UInt8MultiArray\n        serialization_format: cdr\n      message_count: 20\n';
  await writeFile(join(folder, 'split', 'metadata.yaml'), metadata);
  for (const name of ['chunks.mcap', 'runs.mcap', 'unindexed.mcap', 'rows.db3', 'split']) {
    for (const index of [0, 1, 30, 31, 59]) {
      const fromNs = messages[index]?.logTimeNs ?? 0n;
      const read = await readAll(join(folder, name), { fromNs });
      const expected = messages.filter(({ logTimeNs }) => logTimeNs >= fromNs);
      t.deepEqual(read.messages.map(fingerprint), expected.map(fingerprint), `${name} from ${index}`);
      t.deepEqual(read.problems, [], name);
    }
    const after = await readAll(join(folder, name), { fromNs: (messages.at(-1)?.logTimeNs ?? 0n) + 1n });
    t.deepEqual(after.messages, [], name);
  }
});
