import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { dependentEnvironment } from '../../models/memory-settings.js';
import { startWorker } from '../../models/start-worker.js';
import type { TrialStep } from '../perception-graph/import/trial-step.js';

const RXDEPTH = fileURLToPath(new URL('../../bin/rxdepth.js', import.meta.url));
const PARENT_WATCH = new URL('../../models/parent-watch.js', import.meta.url);
/** Says to a process that it is the one that imports. */
const GUARDED = 'RXDEPTH_GUARDED_IMPORT';
const LOOK_MS = 500;
/** From when on the wait is told. */
const NOTICE_MS = 10_000;
const TICKS_A_SECOND = 100;
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** A step of the trial, and the seconds that it may take. */
interface ToldStep extends TrialStep {
  readonly seconds: number;
}

/** Tells the process that started this one what the trial does; nothing where there is none. */
export function tellTrial(step: TrialStep | undefined, seconds: number): void {
  if (process.env[GUARDED] !== undefined) process.send?.(step === undefined ? null : { ...step, seconds });
}

/**
 * Imports in a process of its own, and ends that when a step of the trial takes too long: what onnxruntime computes cannot be
 * interrupted otherwise, and a network may loop for ever. A step has so much of wall time and of processor time both, so
 * that a busy machine fails none.
 * @returns whether that was done: then nothing is left to do, and the exit code is set.
 */
export async function underTrialLimit(args: readonly string[]): Promise<boolean> {
  if (process.env[GUARDED] !== undefined) {
    startWorker(PARENT_WATCH, { workerData: process.ppid }).unref();
    return false;
  }
  const child = spawn(process.execPath, [...process.execArgv, RXDEPTH, ...args], {
    env: { ...dependentEnvironment(), [GUARDED]: '1' },
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
  });
  let step: ToldStep | undefined;
  let given: { readonly step: ToldStep; readonly why: string } | undefined;
  let [sinceMs, sinceCpu, noticed] = [0, 0, false];
  child.on('message', (told) => {
    step = (told as ToldStep | null) ?? undefined; // `tellTrial` sends it
    [sinceMs, sinceCpu, noticed] = [performance.now(), processorSeconds(child), false];
  });
  const look = setInterval(() => {
    if (step === undefined) return;
    const { what, seconds } = step;
    const wallMs = performance.now() - sinceMs;
    if (wallMs > NOTICE_MS && !noticed) {
      noticed = true;
      process.stderr.write(
        `${what} for ${Math.round(wallMs / 1000)} s; it may take ${seconds} s (\`--trial-seconds\`)\n`,
      );
    }
    if (wallMs < seconds * 1000 || processorSeconds(child) - sinceCpu < seconds) return;
    const why = `${what} for more than ${seconds} s, and is given up: it may never end (a Loop without an end?). \`--trial-seconds\` gives it longer`;
    given = { step, why };
    child.kill('SIGKILL');
  }, LOOK_MS);
  const stop = (signal: NodeJS.Signals) => child.kill(signal);
  for (const signal of SIGNALS) process.on(signal, stop);
  const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (...ended) => resolve(ended));
  });
  clearInterval(look);
  for (const name of SIGNALS) process.off(name, stop);
  process.exitCode = code ?? 1;
  const last = given?.step ?? step;
  // Its name is this process's own: nobody else writes there.
  if (signal !== null && last !== undefined) await rm(last.folder, { recursive: true, force: true });
  if (given !== undefined) process.stderr.write(`rxdepth: ${given.why}.\n`);
  else if (signal !== null && (SIGNALS as readonly string[]).includes(signal))
    process.kill(process.pid, signal);
  else if (signal !== null) {
    const during = last === undefined ? '' : ` when ${path.basename(last.what)}`;
    process.stderr.write(
      `rxdepth: the import was ended by ${signal}${during}: is there enough memory? Nothing was written.\n`,
    );
  }
  return true;
}

/** Of all its threads, so far; endless where the system does not say, so that the wall time alone counts. */
function processorSeconds({ pid }: ChildProcess): number {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // utime and stime, fields 14 and 15: the name before them may hold spaces.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) / TICKS_A_SECOND;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}
