import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'ava';
import { openBag } from '../../../msgs/bag/open-bag.js';
import { RXDEPTH, runRxdepth } from '../../bin/run-rxdepth.js';
import { CAMERA_INFO, IMAGE, logTime, writeTestBag } from '../test-bag.js';
import { testImage, testInfo } from '../test-messages.js';
import { writeTestModel } from '../test-model.js';

/** A drive of a few frames; `first` makes its content its own. */
function drive(folder: string, frames: number, first: number): Promise<string> {
  const messages = Array.from({ length: frames }, (_, k) => {
    const logTimeNs = logTime(first + k);
    const stamp = { stampNs: logTimeNs };
    return [
      { topic: '/camera/image', type: IMAGE, logTimeNs, message: testImage(stamp) },
      { topic: '/camera/camera_info', type: CAMERA_INFO, logTimeNs, message: testInfo(stamp) },
    ];
  }).flat();
  return writeTestBag(folder, messages);
}

async function depthCount(bag: string): Promise<number> {
  const reader = await openBag(bag);
  let count = 0;
  for await (const _ of reader.messages({ topics: ['/rxdepth/depth/image'] })) count += 1;
  await reader.close();
  return count;
}

test('a fleet replays every bag once, tells of one that is none, and goes on after a kill', async (t) => {
  t.timeout(1_200_000);
  const root = await mkdtemp(path.join(tmpdir(), 'rxdepth-fleet-cli-'));
  t.teardown(() => rm(root, { recursive: true, force: true }));
  await writeTestModel(path.join(root, 'model'));
  await drive(path.join(root, 'one'), 2, 0);
  await drive(path.join(root, 'two'), 3, 50);
  await writeFile(path.join(root, 'broken.mcap'), 'no bag');
  await drive(path.join(root, 'whole'), 40, 100);
  const whole = await readFile(path.join(root, 'whole', 'whole_0.mcap'));
  await writeFile(path.join(root, 'cut.mcap'), whole.subarray(0, whole.length / 2));
  await writeFile(path.join(root, 'list'), 'two\n\nbroken.mcap\ncut.mcap\n');
  const args = [
    'fleet',
    'replay',
    'one',
    '--list',
    'list',
    '-o',
    'out',
    '--model',
    'model',
    '--workers',
    '1',
  ];
  const command = [...args, '--retries', '0', '--replay-flags', '--no-motion --device cpu'];

  // Killed as soon as the first bag is done.
  const child = spawn(process.execPath, [RXDEPTH, ...command], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (data: Buffer) => {
    said += data;
    if (/^one-\S+: done/m.test(said)) child.kill('SIGKILL');
  });
  await new Promise((resolve) => child.once('close', resolve));

  const left = path.join(root, 'out', '.partial-whole-0123456789ab-0123');
  await mkdir(left);

  const ended = await runRxdepth(command, { cwd: root });
  t.is(ended.code, 1, ended.stderr);
  t.regex(
    ended.stdout,
    /^4 bags in .* s: [12] done, [12] done before, 1 failed, 0 left\n1 of them damaged/,
    ended.stderr,
  );
  const report = JSON.parse(await readFile(path.join(root, 'out', 'report.json'), 'utf8')) as {
    jobs: { bag: string; output: string; state: string; message?: string; missing?: string[] }[];
  };
  t.deepEqual(
    report.jobs.map(({ bag }) => path.basename(bag)),
    ['one', 'two', 'broken.mcap', 'cut.mcap'],
  );
  t.is(report.jobs[3]?.state, 'damaged');
  t.regex(report.jobs[3]?.missing?.join('\n') ?? '', /cut\.mcap: .*lost: /);
  t.is(report.jobs[0]?.state, 'known', said);
  // On a slow machine the second was done too before the kill arrived.
  t.regex(report.jobs[1]?.state ?? '', /^(done|known)$/);
  t.is(report.jobs[2]?.state, 'failed');
  t.regex(report.jobs[2]?.message ?? '', /broken\.mcap/);
  const outputOf = (k: number) => path.join(root, 'out', report.jobs[k]?.output ?? '');
  t.is(await depthCount(outputOf(0)), 2);
  t.is(await depthCount(outputOf(1)), 3);
  t.false(existsSync(left), 'what a killed replay left is cleared away');

  const kept = await depthCount(outputOf(3));
  t.true(kept > 0 && kept < 40, `${kept} of 40 images are before the cut`);

  const ledger = (await readFile(path.join(root, 'out', 'ledger.jsonl'), 'utf8')).trim().split('\n');
  const lines = ledger.map((line) => JSON.parse(line) as { event: string; bag: string; missing?: string[] });
  const damaged = lines.filter(({ event }) => event === 'damaged');
  t.deepEqual(
    damaged.map(({ missing }) => missing),
    [report.jobs[3]?.missing],
  );
  const done = lines.filter(({ event }) => event === 'done');
  t.deepEqual(done.map(({ bag }) => path.basename(bag)).sort(), ['one', 'two']);
});

test('flags and bags that cannot be used are refused by name', async (t) => {
  t.timeout(600_000);
  const root = await mkdtemp(path.join(tmpdir(), 'rxdepth-fleet-refused-'));
  t.teardown(() => rm(root, { recursive: true, force: true }));
  const refused = async (args: readonly string[], message: RegExp) => {
    const { code, stderr } = await runRxdepth(['fleet', 'replay', '-o', 'out', ...args], { cwd: root });
    t.is(code, 1, stderr);
    t.regex(stderr, message);
  };
  await refused(['nothing'], /there is no bag `nothing`/);
  await refused(['.', '--replay-flags', '--output=x'], /`--output` is no flag for every bag/);
  await refused(['.', '--replay-flags', '--nope'], /--replay-flags: `rxdepth replay` has no flag `--nope`/);
  await refused(['.', '--replay-flags', '--device cpu more'], /`rxdepth replay` has no flag `more`/);
  await refused(
    ['.', '--replay-flags', '--rate fast'],
    /--replay-flags: option '--rate <\w+>' argument 'fast'/,
  );
  await refused(['.', '--retries', 'often'], /expected `--retries` to be 0 or more, got `often`/);
  t.deepEqual(await readdir(root), []);
});
