import { McapRecordBuilder } from '@mcap/core';
import test from 'ava';
import { PackedRecords } from '../../../../msgs/bag/mcap/packed-records.js';

/** Chunk indexes as of a recording at 30 Hz with a chunk of 2 MB a frame. */
function chunkIndex(at: number): Parameters<McapRecordBuilder['writeChunkIndex']>[0] {
  const start = BigInt(at) * 2_000_123n;
  const stampNs = 1_700_000_000_000_000_000n + BigInt(at) * 33_333_333n;
  return {
    ...{
      messageStartTime: stampNs,
      messageEndTime: stampNs,
      chunkStartOffset: start,
      chunkLength: 1_999_900n,
    },
    messageIndexOffsets: new Map([[1 + (at % 3), start + 1_999_900n]]),
    ...{ messageIndexLength: 31n, compression: '', compressedSize: 1_999_000n, uncompressedSize: 1_999_000n },
  };
}

for (const count of [0, 1, 600, 5000]) {
  test(`${count} records come back byte for byte`, (t) => {
    const plain = new McapRecordBuilder();
    const packed = new PackedRecords();
    for (let at = 0; at < count; at++) {
      plain.writeChunkIndex(chunkIndex(at));
      packed.add((records) => records.writeChunkIndex(chunkIndex(at)));
    }
    t.is(packed.length, plain.length);
    t.is(Buffer.compare(Buffer.concat(packed.unpacked()), plain.buffer), 0);
    // Unpacking leaves them as they are.
    t.is(Buffer.concat(packed.unpacked()).length, plain.length);
  });
}

test('what is kept of a long recording is at most a third of its index', (t) => {
  const packed = new PackedRecords();
  for (let at = 0; at < 20_000; at++) packed.add((records) => records.writeChunkIndex(chunkIndex(at)));
  t.true(packed.keptLength < packed.length / 3, `${packed.keptLength} of ${packed.length}`);
});
