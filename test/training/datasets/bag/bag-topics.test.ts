import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import test from 'ava';
import { BagWriter } from '../../../../msgs/bag/bag-writer.js';
import { openBag } from '../../../../msgs/bag/open-bag.js';
import { imageCodec } from '../../../../msgs/image.js';
import { stampedMessages } from '../../../../training/datasets/bag/bag-topics.js';

test('damaged messages are left out and told once, with topic and reason; the others are read', async (t) => {
  const folder = path.join(await mkdtemp(path.join(os.tmpdir(), 'rxdepth-topics-')), 'bag');
  t.teardown(() => rm(path.dirname(folder), { recursive: true }));
  const writer = await BagWriter.create(folder);
  const { type, definition } = imageCodec;
  const channel = await writer.addTopic({ topic: '/depth', type, definition });
  for (let sec = 1; sec <= 4; sec++) {
    const header = { stamp: { sec, nanosec: 0 }, frame_id: 'camera' };
    const size = { height: 1, width: 2, encoding: 'mono8', is_bigendian: 0, step: 2 };
    const cdr = imageCodec.encode({ header, ...size, data: Uint8Array.of(sec, sec) });
    // The second and third end in the middle of their headers.
    await writer.write(
      channel,
      sec === 2 || sec === 3 ? cdr.slice(0, 18) : cdr,
      BigInt(sec) * 1_000_000_000n,
    );
  }
  await writer.close();
  const bag = await openBag(folder);
  const said: string[] = [];
  for (let pass = 0; pass < 2; pass++) {
    const stamps: bigint[] = [];
    for await (const { stampNs } of stampedMessages(bag, '/depth', imageCodec, (text) => said.push(text)))
      stamps.push(stampNs / 1_000_000_000n);
    t.deepEqual(stamps, [1n, 4n]);
  }
  await bag.close();
  t.is(said.length, 1);
  t.regex(said[0] ?? '', /2 damaged messages of \/depth are left out; the first: ./);
});
