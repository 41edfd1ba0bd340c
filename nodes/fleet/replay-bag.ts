import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { finished } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { syncFolder } from '../../models/durable-files.js';
import { dependentEnvironment } from '../../models/memory-settings.js';
import { NodeError } from '../errors.js';
import type { FleetJob } from './fleet-job.js';

const RXDEPTH = fileURLToPath(new URL('../../bin/rxdepth.js', import.meta.url));

/** Begin of the names of outputs that are not complete. */
export const PARTIAL = '.partial-';

export interface ReplayBagOptions {
  readonly folder: string;
  readonly model: string;
  /** Of `rxdepth replay`. */
  readonly flags: readonly string[];
  /** Aborting ends the replay. */
  readonly signal: AbortSignal;
}

/**
 * Replays one bag in a process of its own, into a folder that gets its name when it is complete. What the process says goes
 * to `logs/OUTPUT.log`.
 * @throws NodeError with the last line that the process said when it fails.
 */
export async function replayBag(job: FleetJob, options: ReplayBagOptions): Promise<void> {
  const { folder, model, flags, signal } = options;
  const partial = path.join(folder, `${PARTIAL}${job.id.slice(0, 12)}-${randomBytes(4).toString('hex')}`);
  const logFile = path.join(folder, 'logs', `${job.output}.log`);
  await mkdir(path.dirname(logFile), { recursive: true });
  const log = createWriteStream(logFile);
  const child = spawn(
    process.execPath,
    [RXDEPTH, 'replay', job.bag, '-o', partial, '--model', model, ...flags],
    // A session of its own: Ctrl-C reaches it once, from here.
    { stdio: ['ignore', 'pipe', 'pipe', 'ipc'], env: dependentEnvironment(), detached: true },
  );
  const stop = () => child.kill('SIGTERM');
  signal.addEventListener('abort', stop);
  try {
    child.stdout?.pipe(log, { end: false });
    child.stderr?.pipe(log, { end: false });
    const code = await new Promise<number | string>((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (status, by) => resolve(status ?? by ?? 'nothing'));
    });
    log.end();
    await finished(log);
    if (code !== 0) {
      const said = (await readFile(logFile, 'utf8')).trim().split('\n').at(-1) ?? '';
      throw new NodeError(`replay of ${job.bag} ended with ${code}: ${said} (${logFile})`);
    }
    await rename(partial, path.join(folder, job.output));
    await syncFolder(folder);
  } finally {
    signal.removeEventListener('abort', stop);
    log.destroy();
    await rm(partial, { recursive: true, force: true });
  }
}
