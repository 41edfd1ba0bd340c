import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'ava';
import { fleetJob } from '../../../nodes/fleet/fleet-job.js';
import { runTask } from '../../../nodes/fleet/run-task.js';
import { CAMERA_INFO, IMAGE, logTime, writeTestBag } from '../test-bag.js';
import { testImage, testInfo } from '../test-messages.js';
import { writeTestModel } from '../test-model.js';

async function folderOf(t: { teardown(fn: () => Promise<void>): void }): Promise<string> {
  const root = await mkdtemp(path.join(tmpdir(), 'rxdepth-task-'));
  t.teardown(() => rm(root, { recursive: true, force: true }));
  return root;
}

const FULL_DISK = '/dev/full';
const withFullDisk = existsSync(FULL_DISK) ? test : test.skip;

withFullDisk('a log that cannot be written is the end of its job alone, with the reason', async (t) => {
  t.timeout(600_000);
  const root = await folderOf(t);
  const bag = path.join(root, 'broken.mcap');
  await writeFile(bag, 'no bag');
  const model = await writeTestModel(path.join(root, 'model'));
  const job = fleetJob({ task: 'replay', bags: [bag], model, flags: [] }, { bags: ['b'], model: 'm' });
  await mkdir(path.join(root, 'logs'));
  await symlink(FULL_DISK, path.join(root, 'logs', `${job.output}.log`));
  await t.throwsAsync(runTask(job, { folder: root, signal: new AbortController().signal }), {
    name: 'NodeError',
    message: /^replay of .*broken\.mcap was ended: its log .* cannot be written: ENOSPC/,
  });
  t.false((await readdir(root)).some((name) => name.startsWith('.partial-')));
});

test('a job that fails says the whole error, the reason first', async (t) => {
  t.timeout(600_000);
  const root = await folderOf(t);
  const model = await writeTestModel(path.join(root, 'model'));
  const at = { stampNs: logTime(0) };
  const cameras = ['/left', '/right'].flatMap((camera) => [
    { topic: `${camera}/image`, type: IMAGE, logTimeNs: logTime(0), message: testImage(at) },
    { topic: `${camera}/camera_info`, type: CAMERA_INFO, logTimeNs: logTime(0), message: testInfo(at) },
  ]);
  const bag = await writeTestBag(path.join(root, 'two'), cameras);
  const failed = async (flags: readonly string[], message: RegExp) => {
    const job = fleetJob({ task: 'replay', bags: [bag], model, flags }, { bags: ['b'], model: 'm' });
    await t.throwsAsync(runTask(job, { folder: root, signal: new AbortController().signal }), { message });
  };
  await failed(
    [],
    /ended with 1: rxdepth: \S+ has several camera images; .*\/left\/image.*; \/right\/image.* \(/,
  );
  await failed(['--nope'], /ended with 1: error: unknown option '--nope'; .*--help/);
});
