import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import anyTest, { type TestFn } from 'ava';
import { openBag } from '../../../msgs/bag/open-bag.js';
import { CAMERA_INFO, IMAGE, logTime, writeTestBag } from '../test-bag.js';
import { testImage, testInfo } from '../test-messages.js';
import { writeTestModel } from '../test-model.js';

const test = anyTest as TestFn<{ folder: string }>;

const RXDEPTH = fileURLToPath(new URL('../../../bin/rxdepth.js', import.meta.url));

interface Ended {
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `rxdepth` in the test's folder; a run that hangs is killed and fails the test. */
function rxdepth(
  cwd: string,
  args: readonly string[],
  during?: (child: ChildProcess, text: string) => void,
  started?: (child: ChildProcess) => void,
): Promise<Ended> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [RXDEPTH, ...args], {
      cwd,
      timeout: 240_000,
      killSignal: 'SIGKILL',
    });
    started?.(child);
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (data: Buffer) => (stdout += data));
    child.stderr.on('data', (data: Buffer) => {
      stderr += data;
      during?.(child, stderr);
    });
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
}

async function drive(folder: string, frames: number): Promise<string> {
  const messages = Array.from({ length: frames }, (_, i) => [
    {
      topic: '/camera/image',
      type: IMAGE,
      logTimeNs: logTime(i),
      message: testImage({ stampNs: logTime(i) }),
    },
    {
      topic: '/camera/camera_info',
      type: CAMERA_INFO,
      logTimeNs: logTime(i),
      message: testInfo({ stampNs: logTime(i) }),
    },
  ]).flat();
  return writeTestBag(folder, messages);
}

async function depthCount(bag: string): Promise<number> {
  const reader = await openBag(bag);
  let count = 0;
  for await (const _ of reader.messages({ topics: ['/rxdepth/depth/image'] })) count += 1;
  await reader.close();
  return count;
}

/** Names and sizes. */
async function contents(bag: string): Promise<string[]> {
  const names = (await readdir(bag)).sort();
  return Promise.all(names.map(async (name) => `${name} ${(await stat(path.join(bag, name))).size}`));
}

test.before(async (t) => {
  t.context = { folder: await mkdtemp(path.join(tmpdir(), 'rxdepth-cli-')) };
  await writeTestModel(path.join(t.context.folder, 'model'));
});

test.after.always((t) => rm(t.context.folder, { recursive: true }));

test.serial('replay writes beside where it is called and prints a summary', async (t) => {
  const { folder } = t.context;
  await drive(path.join(folder, 'recorded', 'drive'), 5);
  const { code, stdout, stderr } = await rxdepth(folder, [
    'replay',
    'recorded/drive',
    '--model',
    'model',
    '--device',
    'cpu',
  ]);
  t.is(code, 0, stderr);
  t.regex(stdout, /5 in, 5 out, 0 failed/);
  t.regex(stdout, /output {4}drive_rxdepth/);
  t.is(await depthCount(path.join(folder, 'drive_rxdepth')), 5);
});

test.serial('an output is known by its content: view shows it as it is, however it is named', async (t) => {
  const { folder } = t.context;
  for (const named of [['drive_rxdepth'], ['--output', 'drive_rxdepth']]) {
    let told = false;
    const { code, stdout, stderr } = await rxdepth(
      folder,
      ['view', ...named, '--port', '0', '--paused'],
      (child, text) => {
        if (told || !/Ctrl\+C ends/.test(text)) return;
        told = true;
        child.kill('SIGINT');
      },
    );
    t.is(code, 0, stderr);
    t.regex(stdout, /page {6}http:/);
    t.is(/holds an output of rxdepth, which is shown as it is; `--replay`/.test(stderr), named.length === 1);
  }
});

test.serial('evaluate says so where drive and output were swapped', async (t) => {
  const { code, stderr } = await rxdepth(t.context.folder, [
    ...['evaluate', 'recorded/drive', '--truth', 'drive_rxdepth'],
  ]);
  t.is(code, 1);
  t.regex(stderr, /did you mean `rxdepth evaluate drive_rxdepth --truth recorded\/drive`\?/);
});

test.serial('a command of a group is found from its last word', async (t) => {
  const { code, stderr } = await rxdepth(t.context.folder, ['import', 'x']);
  t.is(code, 1);
  t.regex(stderr, /unknown command 'import'\n\(Did you mean `rxdepth model import`\?\)/);
});

test.serial('Ctrl-C finishes the output and exits with 130', async (t) => {
  const { folder } = t.context;
  const bag = await drive(path.join(folder, 'long'), 300);
  let sent = false;
  const args = ['replay', bag, '-o', 'interrupted', '--model', 'model', '--device', 'cpu', '--rate', '1'];
  const ended = await rxdepth(folder, args, (child, text) => {
    if (sent || !/frames/.test(text)) return; // the first progress line
    sent = true;
    child.kill('SIGINT');
  });
  t.is(ended.code, 130, ended.stderr);
  t.regex(ended.stdout, /Interrupted/);
  t.true((await depthCount(path.join(folder, 'interrupted'))) > 0);
  t.true(existsSync(path.join(folder, 'interrupted', 'metadata.yaml')));
});

test.serial('a second Ctrl-C ends at once, without a crash of the native libraries', async (t) => {
  const { folder } = t.context;
  const bag = await drive(path.join(folder, 'twice'), 300);
  let signals = 0;
  const args = ['replay', bag, '-o', 'twice_out', '--model', 'model', '--device', 'cpu', '--rate', '1'];
  const ended = await rxdepth(folder, args, (child, text) => {
    if (signals === 0 ? /frames/.test(text) : signals === 1 && /finishing/.test(text)) {
      signals += 1;
      child.kill('SIGINT');
    }
  });
  t.is(signals, 2);
  // The first may have finished everything before the second arrives.
  t.true(ended.signal === 'SIGINT' || ended.code === 130, `${ended.signal} ${ended.code}`);
  t.notRegex(ended.stderr, /terminate called|Abort/);
});

test.serial('mistakes are one line that says what to do, with exit code 1', async (t) => {
  const { folder } = t.context;
  const bag = await drive(path.join(folder, 'fine'), 2);
  const empty = path.join(folder, 'empty.mcap');
  await writeFile(empty, '');
  const cases: [string[], RegExp][] = [
    [['replay', 'nowhere'], /^rxdepth: cannot open the bag `nowhere`: no such file/],
    [['replay', empty], /^rxdepth: .*empty/],
    [['replay', bag, '--model', 'nowhere'], /^rxdepth: nowhere is not a model folder/],
    [['replay', bag, '--model', 'model', '--image', '/nope'], /^rxdepth: .* has no topic `\/nope`/],
    [['replay', bag, '--model', 'model', '-o', '/proc/nothing/out'], /^rxdepth: .*\/proc\/nothing/],
    [['replay', bag, '--model', 'model', '--device', 'cuda'], /^rxdepth: .*cuda/i],
    [['replay', bag, '--intrinsics', '1,2,3'], /expected `fx,fy,cx,cy`/],
    [['replay', bag, '--threads', '100000'], /expected `a whole number from 1 to 256`/],
    [['replay', bag, '--rate', '1e-12'], /expected `a number of at least 0.001`/],
    [['replay', bag, '--start', '1e308'], /expected `less than the length of the recording`/],
    [['replay', bag, '--pictures', ''], /the argument after `--pictures` is empty/],
    [['replay', bag, '--device', 'tpu'], /Allowed choices are auto, cpu, webgpu, cuda/],
    [['replay'], /missing required argument 'bag'/],
    [
      ['adapt', '--guard', bag, 'other'],
      /expected a `bag` to learn from, got none: .* counts as --guard .* put the drives before/,
    ],
    [['replya', bag], /unknown command 'replya'.*\(Did you mean replay\?\)/s],
  ];
  for (const [args, expected] of cases) {
    const { code, stderr, signal } = await rxdepth(folder, args);
    t.deepEqual([code, signal], [1, null], args.join(' '));
    t.regex(stderr, expected);
    t.notRegex(stderr, /\n {4}at /, 'no stack');
  }
});

test.serial('what cannot begin leaves the recording and an older output as they are', async (t) => {
  const { folder } = t.context;
  const bag = await drive(path.join(folder, 'kept'), 3);
  const older = await drive(path.join(folder, 'older'), 2);
  const before = await Promise.all([bag, older].map(contents));
  const cases: [string[], RegExp][] = [
    [['-o', bag], /is the input bag/],
    [['-o', path.join(bag, 'out')], /lies in the input bag/],
    [['-o', older, '--pictures', path.join(older, 'pictures')], /lies in the output bag/],
    [['-o', older, '--device', 'cuda'], /cuda/i],
    [['-o', older, '--pictures', '/proc/nothing'], /\/proc\/nothing cannot be (made|written)/],
  ];
  for (const [args, expected] of cases) {
    const { code, stderr } = await rxdepth(folder, [
      'replay',
      bag,
      '--model',
      'model',
      '--overwrite',
      ...args,
    ]);
    t.is(code, 1, args.join(' '));
    t.regex(stderr, expected);
    t.deepEqual(await Promise.all([bag, older].map(contents)), before, args.join(' '));
  }
});

test.serial('--limit does not wait for messages that are due later', async (t) => {
  const { folder } = t.context;
  const bag = await drive(path.join(folder, 'slow'), 3);
  const startMs = performance.now();
  const args = ['replay', bag, '-o', 'slow_out', '--model', 'model', '--device', 'cpu'];
  const ended = await rxdepth(folder, [...args, '--limit', '1', '--rate', '0.001']); // the second in 100 s
  t.is(ended.code, 0, ended.stderr);
  t.regex(ended.stdout, /1 in, 1 out/);
  t.true(performance.now() - startMs < 50_000);
});

test.serial('Ctrl-C ends a replay that waits for the next message, with --limit too', async (t) => {
  const { folder } = t.context;
  const bag = await drive(path.join(folder, 'waits'), 3);
  const file = path.join(folder, 'waits_out', 'waits_out_0.mcap');
  const args = ['replay', bag, '-o', 'waits_out', '--model', 'model', '--device', 'cpu'];
  let polling: NodeJS.Timeout | undefined;
  const ended = await rxdepth(folder, [...args, '--limit', '2', '--rate', '0.001'], undefined, (child) => {
    polling = setInterval(() => {
      if (!existsSync(file)) return;
      clearInterval(polling);
      setTimeout(() => child.kill('SIGINT'), 1000); // the first image is done, the second is due in 100 s
    }, 50);
  });
  clearInterval(polling);
  t.deepEqual([ended.code, ended.signal], [130, null], ended.stderr);
  t.regex(ended.stdout, /Interrupted/);
  t.true((await depthCount(path.join(folder, 'waits_out'))) <= 1);
});

test.serial('a truncated bag is replayed as far as it goes, and the loss is reported', async (t) => {
  const { folder } = t.context;
  const bag = await drive(path.join(folder, 'torn'), 60);
  const file = path.join(bag, 'torn_0.mcap');
  await truncate(file, 200_000);
  const { code, stdout, stderr } = await rxdepth(folder, [
    'replay',
    bag,
    '-o',
    'torn_out',
    '--model',
    'model',
    '--device',
    'cpu',
  ]);
  t.is(code, 0, stderr);
  t.regex(stdout, /damage .*torn_0\.mcap/);
  const count = await depthCount(path.join(folder, 'torn_out'));
  t.true(count > 10 && count < 60, String(count));
});

test.serial('help and version answer without loading a network library', async (t) => {
  const { folder } = t.context;
  const help = await rxdepth(folder, ['replay', '--help']);
  t.is(help.code, 0);
  for (const option of [
    '--output',
    '--image',
    '--camera-info',
    '--rate',
    '--pictures',
    '--model',
    '--device',
    '--intrinsics',
  ]) {
    t.true(help.stdout.includes(option), option);
  }
  const version = await rxdepth(folder, ['--version']);
  t.regex(version.stdout, /^\d+\.\d+\.\d+\n$/);
});
