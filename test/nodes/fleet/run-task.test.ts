import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'ava';
import { fleetJob } from '../../../nodes/fleet/fleet-job.js';
import { runTask } from '../../../nodes/fleet/run-task.js';
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
