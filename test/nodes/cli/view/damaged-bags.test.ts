import { mkdtemp, readdir, rm, stat, truncate } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { imageCodec } from '../../../../msgs/image.js';
import { type RunViewOptions, runView } from '../../../../nodes/cli/view/run-view.js';
import { CAMERA_INFO, IMAGE, logTime, type RecordedMessage, writeTestBag } from '../../test-bag.js';
import { testImage, testInfo } from '../../test-messages.js';
import { writeTestModel } from '../../test-model.js';
import { ViewClient } from '../../viewer/view-client.js';

const FRAMES = 30;

/** A bag whose file ends in the middle, as one does whose recorder lost its power. */
async function cutBag(
  t: ExecutionContext,
  messages: readonly RecordedMessage[],
): Promise<{ folder: string; bag: string; file: string }> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'rxdepth-cut-'));
  t.teardown(() => rm(folder, { recursive: true }));
  const bag = await writeTestBag(path.join(folder, 'drive'), [...messages]);
  const file = (await readdir(bag)).find((name) => name.endsWith('.mcap')) ?? '';
  const { size } = await stat(path.join(bag, file));
  await truncate(path.join(bag, file), Math.floor(size * 0.6));
  return { folder, bag, file };
}

type Viewed = Partial<RunViewOptions> & ({ readonly bag: string } | { readonly output: string });

async function look(t: ExecutionContext, viewed: Viewed) {
  const said: string[] = [];
  const stop = new AbortController();
  let view: Promise<void> = Promise.resolve();
  const url = await new Promise<string>((resolve, reject) => {
    const options = {
      ...{ device: 'cpu', threads: 1, pointsStride: 2, motion: false, paused: true, ...viewed },
      ...{ host: '127.0.0.1', port: 0, signal: stop.signal, say: (text: string) => void said.push(text) },
      opened: (addresses: { readonly url: string }) => resolve(addresses.url),
    };
    view = runView(options as RunViewOptions); // of a bag or of an output, as given
    view.catch(reject);
  });
  const client = await ViewClient.open(url);
  t.teardown(async () => {
    client.close();
    stop.abort();
    await view;
  });
  return { client, said };
}

const stamped = (topic: string, type: string, message: (stampNs: bigint) => object) =>
  Array.from({ length: FRAMES }, (_, index): RecordedMessage => {
    const logTimeNs = logTime(index);
    return { topic, type, logTimeNs, message: message(logTimeNs) };
  });

test.serial(
  'a recording that was cut off is shown as far as it goes, and terminal and page say so',
  async (t) => {
    t.timeout(240_000);
    const images = stamped('/camera/image_raw', IMAGE, (stampNs) => testImage({ stampNs }));
    const infos = stamped('/camera/camera_info', CAMERA_INFO, (stampNs) => testInfo({ stampNs }));
    const recorded = images.flatMap((image, index) => [image, infos[index] as RecordedMessage]);
    const { folder, bag, file } = await cutBag(t, recorded);
    const { client, said } = await look(t, { bag, model: await writeTestModel(path.join(folder, 'model')) });
    client.send({ op: 'show', panels: ['depth'] });
    await client.until(() => client.frame('depth', logTime(0)));
    client.send({ op: 'playback', play: true });
    await client.until(() => client.last('playback')?.playback.status === 'ended');
    await client.until(() =>
      client.told.some((message) => message.op === 'notice' && message.text.includes(file)),
    );
    const damage = said.filter((text) => text.includes('is damaged'));
    t.true(damage.length >= 1, said.join('\n'));
    t.regex(damage[0] ?? '', new RegExp(`${file} is damaged: .+; lost: .+; the rest is shown`));
    t.is(new Set(said).size, said.length, 'each once');
  },
);

test.serial('an output that was cut off is shown as far as it goes, too', async (t) => {
  t.timeout(240_000);
  const depth = stamped('/rxdepth/depth/image', imageCodec.type, (stampNs) => ({
    ...testImage({ stampNs }),
    ...{ encoding: '32FC1', step: 64 * 4, data: new Uint8Array(64 * 4 * 32) },
  }));
  const { bag: output, file } = await cutBag(t, depth);
  const { client, said } = await look(t, { output });
  client.send({ op: 'show', panels: ['depth'] });
  await client.until(() => client.frame('depth', logTime(0)));
  client.send({ op: 'playback', play: true });
  await client.until(() => client.last('playback')?.playback.status === 'ended');
  await client.until(() =>
    client.told.some((message) => message.op === 'notice' && message.text.includes(file)),
  );
  t.true(
    said.some((text) => text.includes(`${file} is damaged`)),
    said.join('\n'),
  );
});
