import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'ava';
import { VersionStore } from '../../../models/versions/version-store.js';
import { openBag } from '../../../msgs/bag/open-bag.js';
import { imageCodec } from '../../../msgs/image.js';
import { formatSummary } from '../../../nodes/cli/replay-summary.js';
import { runReplay } from '../../../nodes/cli/run-replay.js';
import { CAMERA_INFO, IMAGE, logTime, writeTestBag } from '../test-bag.js';
import { testImage, testInfo } from '../test-messages.js';
import { TEST_HEIGHT, TEST_WIDTH, writeTestModel } from '../test-model.js';

const FRAMES = 900;
/** Pixel in the middle of the picture. */
const MIDDLE = (TEST_HEIGHT / 2) * TEST_WIDTH + TEST_WIDTH / 2;

test('--follow: what is promoted meanwhile takes over between two frames, what is implausible does not', async (t) => {
  const folder = await mkdtemp(path.join(tmpdir(), 'rxdepth-follow-'));
  t.teardown(() => rm(folder, { recursive: true }));
  const shipped = await writeTestModel(path.join(folder, 'shipped'), { version: 0 });
  const better = await writeTestModel(path.join(folder, 'better'), { disparity: [0.0125, 0.625] });
  const broken = await writeTestModel(path.join(folder, 'broken'), { disparity: [Number.NaN, 1] });
  const home = path.join(folder, 'home');
  const store = new VersionStore({ home, shipped });
  await store.promote(shipped, { name: 'test', version: 0 });
  const bag = await writeTestBag(
    path.join(folder, 'drive'),
    Array.from({ length: FRAMES }, (_, i) => [
      {
        topic: '/camera/image_raw',
        type: IMAGE,
        logTimeNs: logTime(i),
        message: testImage({ stampNs: logTime(i) }),
      },
      {
        topic: '/camera/camera_info',
        type: CAMERA_INFO,
        logTimeNs: logTime(i) + 1n,
        message: testInfo({ stampNs: logTime(i) }),
      },
    ]).flat(),
  );
  process.env.RXDEPTH_HOME = home;
  t.teardown(() => {
    delete process.env.RXDEPTH_HOME;
  });
  const stop = new AbortController();
  let said = '';
  let promoted = false;
  const write = (text: string) => {
    said += text;
    if (!promoted && / frames/.test(text)) {
      promoted = true;
      void store.promote(better, { name: 'test', version: 1 });
    }
    if (/test\/2 runs/.test(text)) void store.promote(broken, { name: 'test', version: 2 });
    if (/test\/3 is current, but/.test(text)) stop.abort();
  };
  const output = path.join(folder, 'output');
  const summary = await runReplay(
    {
      ...{
        bag,
        output,
        follow: true,
        device: 'cpu',
        threads: 1,
        pointsStride: 4,
        depthEncoding: '32FC1',
        rate: 4,
      },
      ...{ pictureEvery: 10, images: false, overwrite: false, verbose: false },
    },
    { progress: { isTTY: true, write }, signal: stop.signal },
  );
  t.regex(said, /test\/2 runs from frame \d+ on: on 3 frames \d+\.\d % of the pixels finite .*depth x 0\.80/);
  t.regex(said, /test\/3 is current, but test\/2 stays: test\/3 is not plausible on 3 frames: .*NaN/);
  const frame = summary.swaps?.[0]?.frame ?? -1;
  t.is(summary.swaps?.length, 1);
  t.regex(formatSummary(summary, false), new RegExp(`from frame ${frame} on test 2 `));
  t.is(summary.framesOut, summary.framesIn, 'no frame is lost');

  const depths: number[] = [];
  const reader = await openBag(output);
  for await (const { cdr } of reader.messages({ topics: ['/rxdepth/depth/image'] })) {
    const { data } = imageCodec.decode(cdr);
    depths.push(new DataView(data.buffer, data.byteOffset).getFloat32(4 * MIDDLE, true));
  }
  await reader.close();
  t.is(depths.length, summary.framesIn);
  const change = depths.findIndex((depth) => depth !== depths[0]);
  t.is(change, frame, 'the first frame that looks different is the one that the summary names');
  t.is(new Set(depths.slice(change)).size, 1);
});
