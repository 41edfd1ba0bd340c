import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import test from 'ava';

const PROGRAM = fileURLToPath(new URL('./ending-process.js', import.meta.url));

/** How a process ends that gets a signal. */
async function endOf(how: string, signal: NodeJS.Signals): Promise<number | NodeJS.Signals | null> {
  const child = spawn(process.execPath, [PROGRAM, how], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise<number | NodeJS.Signals | null>((resolve) =>
    child.once('exit', (code, by) => resolve(code ?? by)),
  );
  await new Promise((resolve) => child.stdout.once('data', resolve));
  if (how === 'deaf') await new Promise((resolve) => setTimeout(resolve, 500));
  child.kill(signal);
  return await ended;
}

// What blocks would block for ten minutes, longer than the test may take.
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  test(`${signal}: a process that lets go of everything ends well`, async (t) => {
    t.is(await endOf('well', signal), 0);
    t.is(await endOf('after deaf', signal), 0);
  });

  test(`${signal}: what never ends, or blocks the main thread, is ended by force`, async (t) => {
    t.is(await endOf('never', signal), 'SIGKILL');
    t.is(await endOf('blocked', signal), 'SIGKILL');
  });

  test(`${signal}: a process that is deaf, because it is configured, ends at once`, async (t) => {
    t.is(await endOf('deaf', signal), signal);
  });
}

test('a shutdown that fails is an exit code', async (t) => {
  t.is(await endOf('failing', 'SIGINT'), 1);
});
