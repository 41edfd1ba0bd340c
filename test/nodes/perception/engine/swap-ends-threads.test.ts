import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { writeTestModel } from '../../test-model.js';
import type { SwapThreads } from './count-swap-threads.js';

const PROGRAM = fileURLToPath(new URL('./count-swap-threads.js', import.meta.url));

const onLinux = process.platform === 'linux' ? test : test.skip;

onLinux('a swap ends the threads of the model before it for good', async (t) => {
  t.timeout(600_000);
  const folder = await mkdtemp(path.join(tmpdir(), 'rxdepth-swaps-'));
  t.teardown(() => rm(folder, { recursive: true }));
  await writeTestModel(folder);
  const { stdout, stderr } = spawnSync(process.execPath, [PROGRAM, folder, '6'], {
    encoding: 'utf8',
    timeout: 540_000,
  });
  t.regex(stdout, /^\{.*\}$/, `threads of earlier models stay: ${stderr}`);
  const { before, most, after } = JSON.parse(stdout) as SwapThreads;
  t.true(most >= before + 2, `two models at a time were ${most} threads, one was ${before}`);
  t.is(after, before);
});
