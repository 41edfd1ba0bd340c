import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { runWhenIdle } from '../../nodes/adaptation-node/run-when-idle.js';

/** An adaptation that learns, as the adaptation node starts it. */
export interface RunningAdaptation {
  pause(): void;
  resume(): void;
  /** Steps of learning so far, as it last said. */
  steps(): number;
  /** Ends it. @throws Error if it had ended by itself. */
  stop(): Promise<void>;
}

/**
 * Starts `rxdepth adapt`, which takes what is left of the processors; resolves when it has begun to learn.
 * @param home $RXDEPTH_HOME of the adaptation, which keeps its samples there @param more options of `adapt`
 */
export async function runningAdaptation(
  drive: string,
  home: string,
  more: readonly string[],
): Promise<RunningAdaptation> {
  const child = spawn(
    process.execPath,
    [rxdepth(), 'adapt', drive, '--priority', '19', '--no-promote', ...more],
    { stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, RXDEPTH_HOME: home } },
  );
  if (child.pid !== undefined) runWhenIdle(child.pid);
  let said = '';
  let steps = 0;
  await new Promise<void>((resolve, reject) => {
    const ended = () => reject(new Error(`the adaptation ended before it learned: ${said}`));
    child.once('exit', ended);
    child.stderr?.on('data', (chunk: Buffer) => {
      said = `${said}${chunk}`.slice(-2000);
      const latest = [...said.matchAll(/\bstep (\d+) of/g)].at(-1)?.[1];
      if (latest === undefined) return;
      steps = Number(latest);
      child.off('exit', ended);
      resolve();
    });
  });
  return {
    pause: () => child.kill('SIGSTOP'),
    resume: () => child.kill('SIGCONT'),
    steps: () => steps,
    async stop() {
      if (child.exitCode !== null) throw new Error(`the adaptation ended too early: ${said}`);
      const over = once(child, 'exit');
      child.kill('SIGKILL');
      await over;
    },
  };
}

function rxdepth(): string {
  return fileURLToPath(new URL('../../bin/rxdepth.js', import.meta.url));
}
