import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { MEMORY_SETTINGS } from '../../models/memory-settings.js';
import { packageRoot } from '../../models/package-root.js';

const onLinux = process.platform === 'linux' ? test : test.skip;

/** Starts a program that asks for the settings as `rxdepth replay` does, runs `first`, says its number and runs `then`. */
async function start(t: ExecutionContext, then: string, environment: NodeJS.ProcessEnv = {}, first = '') {
  const folder = await mkdtemp(path.join(tmpdir(), 'rxdepth-memory-'));
  t.teardown(() => rm(folder, { recursive: true }));
  const program = path.join(folder, 'program.mjs');
  const module = new URL('../../models/memory-settings.js', import.meta.url);
  await writeFile(
    program,
    `import { underMemorySettings } from '${module}';
     if (!(await underMemorySettings())) { ${first} console.log(process.pid); ${then} }`,
  );
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !(name in MEMORY_SETTINGS)));
  const child = spawn(process.execPath, [program, 'one', 'two'], {
    env: { ...env, ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let stdout = '';
  child.stdout.on('data', (data: Buffer) => {
    stdout += data;
  });
  const ended = once(child, 'close') as Promise<[code: number | null, signal: NodeJS.Signals | null]>;
  /** Of the process that does the work. */
  const pid = async () => {
    while (!stdout.includes('\n')) await sleep(20);
    return Number(stdout.split('\n')[0]);
  };
  return { child, ended, pid, text: () => stdout.split('\n').slice(1).join('\n') };
}

const SAY = 'console.log(JSON.stringify(process.env), process.argv.slice(2).join());';
/** Alive for as long as nobody ends it. */
const WAIT = 'setInterval(() => {}, 1000);';

onLinux(
  'a program runs under the settings, whichever way it was started; what a user set stays',
  async (t) => {
    t.timeout(120_000);
    const { ended, text, child, pid } = await start(t, `${SAY} process.exitCode = 7;`, {
      MALLOC_ARENA_MAX: '5',
    });
    t.deepEqual(await ended, [7, null]);
    t.not(await pid(), child.pid ?? 0);
    const [environment, args] = [
      text().slice(0, text().lastIndexOf('}') + 1),
      text().trim().split(' ').at(-1),
    ];
    t.like(JSON.parse(environment), { ...MEMORY_SETTINGS, MALLOC_ARENA_MAX: '5' });
    t.is(args, 'one,two');
  },
);

onLinux('a program that has the settings is not started again', async (t) => {
  t.timeout(120_000);
  const { ended, child, pid } = await start(t, '', { ...MEMORY_SETTINGS });
  t.deepEqual(await ended, [0, null]);
  t.is(await pid(), child.pid ?? 0);
});

onLinux('a signal is passed on once, and its end is the end of both', async (t) => {
  t.timeout(120_000);
  const stop = `let count = 0; process.on('SIGINT', () => { count += 1; setTimeout(() => { console.log(count); process.exit(130); }, 200); });`;
  // It listens before anybody knows its number.
  const gentle = await start(t, WAIT, {}, stop);
  await gentle.pid();
  gentle.child.kill('SIGINT');
  t.deepEqual(await gentle.ended, [130, null]);
  t.is(gentle.text().trim(), '1');

  const ended = await start(t, WAIT);
  await ended.pid();
  ended.child.kill('SIGTERM');
  t.deepEqual(await ended.ended, [null, 'SIGTERM']);
});

onLinux('who kills the program means the one that does the work, too', async (t) => {
  t.timeout(120_000);
  const { child, pid, ended } = await start(t, WAIT);
  const worker = await pid();
  child.kill('SIGKILL');
  // `close`: nobody writes any more.
  t.deepEqual(await ended, [null, 'SIGKILL']);
  await t.throwsAsync(
    readFile(`/proc/${worker}/cmdline`).then((text) => {
      // Its number may be another's by now, or not yet be cleared away.
      if (!text.includes('program.mjs')) throw new Error('gone');
    }),
  );
});

test('the launchers say the same settings', async (t) => {
  const executable = await readFile(path.join(packageRoot(), 'bin', 'rxdepth.mjs'), 'utf8');
  const node = await readFile(path.join(packageRoot(), 'launch', 'scripts', 'node.in'), 'utf8');
  for (const [name, value] of Object.entries(MEMORY_SETTINGS)) {
    t.true(executable.split('\n')[0]?.includes(` ${name}=${value} `), name);
    t.true(node.includes(`export ${name}="\${${name}:-${value}}"`), name);
  }
});
