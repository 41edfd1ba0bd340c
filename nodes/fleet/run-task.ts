import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createWriteStream, existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { finished } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { replaceFile, syncFolder } from '../../models/durable-files.js';
import { dependentEnvironment } from '../../models/memory-settings.js';
import { VersionStore } from '../../models/versions/version-store.js';
import { uploadObject } from '../../msgs/remote/upload-object.js';
import { NodeError } from '../errors.js';
import { bagsOf, type FleetJob } from './fleet-job.js';
import { type OutputPlace, readResult, resultFile } from './job-result.js';
import type { FleetTask, JobResult } from './tasks/fleet-task.js';
import { FLEET_TASKS } from './tasks/fleet-tasks.js';
import { uploadFolder } from './upload-folder.js';

const RXDEPTH = fileURLToPath(new URL('../../bin/rxdepth.js', import.meta.url));

/** Begin of the names of outputs that are not complete. */
export const PARTIAL = '.partial-';
/** Folder of the homes that learning and judging jobs work in. */
const HOMES = '.homes';

/** Begin of an error of ours, and of one of the command line. */
const ERROR = /^(rxdepth|error): /;
/** Characters. */
const LONGEST_REASON = 1000;

export interface RunTaskOptions extends OutputPlace {
  /** Aborting ends the process. */
  readonly signal: AbortSignal;
  /** Told the last line that the process said, now and then. */
  readonly onSaid?: (line: string) => void;
  /** Begin of the names of what is not complete; PARTIAL where left out. */
  readonly partial?: string;
}

/**
 * Does a job in a process of its own. Its output gets its name when it is complete, and its result lies there before: a kill
 * at any moment leaves nothing, or all. What the process says goes to `logs/OUTPUT.log`. Where another process has completed
 * the same job meanwhile, that one's output stays.
 * @throws NodeError with the error that the process told when it fails.
 */
export async function runTask(job: FleetJob, options: RunTaskOptions): Promise<JobResult> {
  const { folder, partial = PARTIAL } = options;
  const task = FLEET_TASKS[job.task];
  const draft = path.join(folder, `${partial}${job.id.slice(0, 12)}-${randomBytes(4).toString('hex')}`);
  const place = { output: path.join(draft, 'output'), result: path.join(draft, 'result.json') };
  await mkdir(draft, { recursive: true });
  try {
    const home = task.needsHome ? await homeOf(job, folder) : undefined;
    const code = await runProcess(job, task.arguments(job, place), home, options);
    if (code !== 0 && !(typeof code === 'number' && task.answers?.includes(code)))
      throw await failure(job, task, code, folder);
    await publish(job, task, { ...place, result: task.resultIn?.(place) ?? place.result }, options);
    if (home !== undefined) await rm(home, { recursive: true, force: true });
    return await readResult(options, job);
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

/** Removes what killed processes left of outputs whose names begin so. */
export async function removePartials(folder: string, partial: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (name.startsWith(partial)) await rm(path.join(folder, name), { recursive: true, force: true });
  }
}

/** @returns the exit code, or the signal that ended the process. */
async function runProcess(
  job: FleetJob,
  args: readonly string[],
  home: string | undefined,
  { folder, signal, onSaid }: RunTaskOptions,
): Promise<number | string> {
  const logFile = logOf(job, folder);
  await mkdir(path.dirname(logFile), { recursive: true });
  const log = createWriteStream(logFile);
  let unwritten: Error | undefined;
  const child = spawn(process.execPath, [RXDEPTH, ...args], {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: { ...dependentEnvironment(), ...(home !== undefined && { RXDEPTH_HOME: home }) },
    // A session of its own: Ctrl-C reaches it once, from here.
    detached: true,
  });
  const stop = () => child.kill('SIGTERM');
  // A disk that is full says so while the process runs: without a listener that would end the fleet.
  log.on('error', (error) => {
    unwritten ??= error;
    stop();
    // It may hang in writing what nobody reads any more, and would not hear the signal.
    for (const stream of [child.stdout, child.stderr]) stream?.resume();
  });
  signal.addEventListener('abort', stop);
  if (signal.aborted) stop();
  try {
    child.stdout?.pipe(log, { end: false });
    child.stderr?.pipe(log, { end: false });
    child.stderr?.on('data', (data: Buffer) => {
      const said = data
        .toString()
        .split(/[\r\n]/)
        .findLast((line) => line.trim() !== '');
      if (said !== undefined) onSaid?.(said.trim());
    });
    const code = await new Promise<number | string>((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (status, by) => resolve(status ?? by ?? 'nothing'));
    });
    log.end();
    await finished(log).catch((error: Error) => {
      unwritten ??= error;
    });
    if (unwritten === undefined) return code;
    throw new NodeError(
      `${FLEET_TASKS[job.task].command} of ${bagsOf(job)} was ended: its log ${logFile} cannot be written: ${unwritten.message}`,
      { file: logFile, cause: unwritten },
    );
  } finally {
    signal.removeEventListener('abort', stop);
    log.destroy();
  }
}

/** The result first: an output that is there has one. */
async function publish(
  job: FleetJob,
  { hasOutput, command }: FleetTask,
  place: { readonly output: string; readonly result: string },
  to: OutputPlace,
): Promise<void> {
  const { folder, upload } = to;
  if (!existsSync(place.result)) throw new NodeError(`rxdepth ${command} of ${bagsOf(job)} left no result`);
  if (upload !== undefined) {
    if (hasOutput) await uploadFolder(place.output, `${upload}/${job.output}`);
    await uploadObject(place.result, `${upload}/results/${job.output}.json`);
  }
  const file = resultFile(to, job);
  await mkdir(path.dirname(file), { recursive: true });
  await replaceFile(file, await readFile(place.result));
  if (!hasOutput || upload !== undefined) return;
  try {
    await rename(place.output, path.join(folder, job.output));
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error;
  }
  await syncFolder(folder);
}

async function failure(
  job: FleetJob,
  { command }: FleetTask,
  code: number | string,
  folder: string,
): Promise<NodeError> {
  const file = logOf(job, folder);
  const reason = reasonIn(await readFile(file, 'utf8'));
  return new NodeError(`${command} of ${bagsOf(job)} ended with ${code}: ${reason} (${file})`, { file });
}

/** The error that a command told at its end, in one line; the last line where it told none. */
function reasonIn(log: string): string {
  const lines = log
    .split(/[\r\n]/)
    .map((line) => line.trim())
    .filter((line) => line !== '');
  // The reason comes first; lists and hints follow it.
  const first = lines.findLastIndex((line) => ERROR.test(line));
  const reason = lines.slice(first).join('; ').replaceAll(':; ', ': ');
  if (reason.length <= LONGEST_REASON) return reason;
  // What a command did not live to tell comes last.
  return `${reason.slice(0, LONGEST_REASON * 0.75)} ... ${reason.slice(-LONGEST_REASON * 0.25)}`;
}

function logOf({ output }: FleetJob, folder: string): string {
  return path.join(folder, 'logs', `${output}.log`);
}

/** A home in which the job's model is the current version: what is learned or judged touches no other. */
async function homeOf({ output, model }: FleetJob, folder: string): Promise<string> {
  const store = new VersionStore({ home: path.join(folder, HOMES, output) });
  await store.use(await store.versionOf(model));
  return store.home;
}
