import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { openBag } from '../../../msgs/bag/open-bag.js';
import { LiveRecorder } from '../../../nodes/adaptation-node/live-recorder.js';
import { eventually, FakeRos } from '../fake-ros.js';
import { delivered, SECOND, testImage, testInfo } from '../test-messages.js';

async function scratch(t: ExecutionContext): Promise<string> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'rxdepth-recorder-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

function recorderOf(folder: string) {
  const ros = new FakeRos();
  const said: string[] = [];
  const recorder = new LiveRecorder(ros, {
    ...{ folder, compressed: false, seconds: 100, mostBytes: 1e9, restSeconds: 0 },
    say: (text) => void said.push(text),
  });
  const send = async (stamp: bigint) => {
    ros.receive({ ...delivered(testImage(), 'image'), logTimeNs: stamp });
    await eventually(() => recorder.waiting === 0);
  };
  return { ros, said, recorder, send };
}

test('a second recorder in the folder leaves the drive that the first one is recording', async (t) => {
  const folder = await scratch(t);
  const first = recorderOf(folder);
  await first.send(SECOND);
  const second = recorderOf(folder);
  await second.send(SECOND);
  await first.send(2n * SECOND);
  await first.recorder.close();
  await second.recorder.close();
  t.deepEqual([...first.said, ...second.said], []);
  const counts: number[] = [];
  for (const name of await readdir(folder)) {
    const bag = await openBag(path.join(folder, name));
    let count = 0;
    for await (const _ of bag.messages()) count++;
    counts.push(count);
    await bag.close();
  }
  t.deepEqual(counts.sort(), [1, 2]);
});

test('what a killed recorder left goes, and what is no recording of ours stays', async (t) => {
  const folder = await scratch(t);
  await mkdir(path.join(folder, '.live-killed'));
  await mkdir(path.join(folder, '.live-album'));
  await writeFile(path.join(folder, '.live-album', 'photo.jpg'), 'mine');
  const { recorder, said } = recorderOf(folder);
  await recorder.close();
  t.deepEqual(await readdir(folder), ['.live-album']);
  t.regex(said.join(), /\.live-album stays/);
});

test('a folder that cannot be made is said, and the node goes on', async (t) => {
  const folder = path.join(await scratch(t), 'watch');
  await writeFile(folder, 'a file');
  const { recorder, said, send } = recorderOf(folder);
  await eventually(() => said.length > 0);
  t.regex(said[0] ?? '', /recording: .*watch/);
  await send(SECOND);
  await recorder.close();
});

test('where the disk fails, what was recorded is a drive, and the next image begins another', async (t) => {
  const folder = await scratch(t);
  const { ros, recorder, said, send } = recorderOf(folder);
  ros.receive(delivered(testInfo(), 'camera_info', 'sensor_msgs/msg/CameraInfo'));
  await send(SECOND);
  // A stamp below 0 is what this writer refuses as a full disk is: with an error in the middle of a drive.
  await send(-SECOND);
  t.regex(said.join(), /recording: /);
  await send(3n * SECOND);
  await recorder.close();
  const names = await readdir(folder);
  t.is(names.length, 2);
  t.true(names.every((name) => name.startsWith('live-')));
});
