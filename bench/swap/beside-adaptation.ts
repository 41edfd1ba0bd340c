import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { runWhenIdle } from '../../nodes/adaptation-node/run-when-idle.js';
import { measureReplay } from '../measure-replay.js';

export interface BesideOutcome {
  readonly alone: readonly number[];
  readonly beside: readonly number[];
}

/**
 * Frames a second of a replay, by turns alone and beside a running `rxdepth adapt` that takes what is left of the
 * processors, as the adaptation node starts it; for the turns alone it is stopped (SIGSTOP).
 * @param drive that is adapted to. @param home an empty $RXDEPTH_HOME.
 */
export async function besideAdaptation(options: {
  readonly bag: string;
  readonly drive: string;
  readonly folder: string;
  readonly home: string;
  readonly model: string;
  readonly rounds: number;
  readonly say: (text: string) => void;
}): Promise<BesideOutcome> {
  const { bag, drive, folder, home, model, rounds, say } = options;
  const output = path.join(folder, 'output');
  const fps = async () => (await measureReplay({ bag, output, model, pointsStride: 4 })).rate.fps;
  const adaptation = spawn(
    process.execPath,
    [rxdepth(), 'adapt', drive, '--minutes', '30', '--priority', '19', '--no-promote'],
    { stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, RXDEPTH_HOME: home } },
  );
  if (adaptation.pid !== undefined) runWhenIdle(adaptation.pid);
  const [alone, beside]: [number[], number[]] = [[], []];
  try {
    await learning(adaptation, say);
    for (let round = 0; round < rounds; round++) {
      adaptation.kill('SIGSTOP');
      alone.push(await fps());
      adaptation.kill('SIGCONT');
      beside.push(await fps());
      say(`round ${round + 1}: ${alone.at(-1)?.toFixed(2)} fps alone, ${beside.at(-1)?.toFixed(2)} beside`);
    }
    if (adaptation.exitCode !== null) throw new Error('the adaptation ended too early');
  } finally {
    const over = adaptation.exitCode === null ? once(adaptation, 'exit') : undefined;
    adaptation.kill('SIGKILL');
    await over;
  }
  return { alone, beside };
}

/** Resolves when the adaptation has begun to train. */
async function learning(adaptation: ChildProcess, say: (text: string) => void): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    let said = '';
    adaptation.stderr?.on('data', (chunk: Buffer) => {
      said = `${said}${chunk}`.slice(-2000);
      if (/\bstep \d+/.test(said)) resolve();
    });
    adaptation.once('exit', () => reject(new Error(`the adaptation ended before it learned: ${said}`)));
  });
  say('the adaptation learns');
}

function rxdepth(): string {
  return fileURLToPath(new URL('../../bin/rxdepth.js', import.meta.url));
}
