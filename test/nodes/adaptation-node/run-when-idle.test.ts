import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { getPriority } from 'node:os';
import test from 'ava';
import { runWhenIdle } from '../../../nodes/adaptation-node/run-when-idle.js';

/** Source: sched(7), linux/sched.h. */
const SCHED_IDLE = '5';

test('a process takes what others leave of the processors, and one that has ended is no error', async (t) => {
  const child = spawn('sleep', ['30'], { stdio: 'ignore' });
  t.teardown(() => child.kill('SIGKILL'));
  await once(child, 'spawn');
  const { pid } = child;
  if (pid === undefined) throw new Error('no process');
  runWhenIdle(pid);
  t.is(getPriority(pid), 19);
  if (process.platform === 'linux' && existsSync('/usr/bin/chrt')) {
    // Field 41 of stat; `sleep` has no blanks in its name. Source: proc(5).
    const policy = () => readFileSync(`/proc/${pid}/stat`, 'utf8').split(' ')[40];
    for (let tries = 0; policy() !== SCHED_IDLE && tries < 100; tries++)
      await new Promise((resolve) => setTimeout(resolve, 50));
    t.is(policy(), SCHED_IDLE);
  }
  child.kill('SIGKILL');
  await once(child, 'exit');
  t.notThrows(() => runWhenIdle(pid));
});
