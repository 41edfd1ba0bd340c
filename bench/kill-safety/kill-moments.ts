import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadModel } from '../../models/model-store.js';
import { VersionStore } from '../../models/versions/version-store.js';
import { Random } from '../../training/simulator/random.js';

export interface KillOptions {
  readonly moments: number;
  readonly seed: number;
  readonly home: string;
  /** Model folder that comes with the package, for this home. */
  readonly shipped: string;
  /** Script of this folder that works on the home without pause and says what it does; its arguments before the seed. */
  readonly script: string;
  readonly args: readonly string[];
  /** Upper bound of the time from the child's first word to its death, milliseconds. */
  readonly longestMs: number;
  /** What may lie in the home beside versions, pointer and locks. */
  readonly kept?: readonly string[];
}

export interface KillReport {
  /** Kills by what the child was doing. */
  readonly during: Readonly<Record<string, number>>;
  /** Versions that were complete and loaded, over all checks. */
  readonly loaded: number;
  /** What should not be; empty when all is well. */
  readonly failures: readonly string[];
}

/**
 * Kills (SIGKILL) a process that works on the versions, at random moments, and checks after each: the current version
 * loads, every listed version loads, and the next change leaves nothing behind that is not a version.
 */
export async function killAtRandomMoments(options: KillOptions): Promise<KillReport> {
  const random = new Random(options.seed);
  const during: Record<string, number> = {};
  const failures: string[] = [];
  let loaded = 0;
  for (let moment = 0; moment < options.moments; moment++) {
    const doing = await startAndKill(options, random.uint32(), random.uniform(0, options.longestMs));
    during[doing] = (during[doing] ?? 0) + 1;
    const store = new VersionStore({ home: options.home, shipped: options.shipped });
    try {
      await store.load(await store.current());
      const { versions, problems } = await store.list();
      failures.push(...problems);
      for (const { folder } of versions) await loadModel(folder);
      loaded += versions.length;
      await store.tidy();
      failures.push(...(await strangers(options.home, options.kept ?? [])));
    } catch (error) {
      failures.push(`after a kill during ${doing}: ${(error as Error).message}`);
    }
  }
  return { during, loaded, failures };
}

/** @returns what the child said last that it was doing. */
async function startAndKill(
  { script: name, args }: KillOptions,
  seed: number,
  afterMs: number,
): Promise<string> {
  const script = fileURLToPath(new URL(name, import.meta.url));
  const child = spawn(process.execPath, [script, ...args, String(seed)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let doing = '';
  await new Promise<void>((resolve, reject) => {
    child.stdout.on('data', (data: Buffer) => {
      doing = data.toString().trim().split('\n').pop() ?? '';
      resolve();
    });
    child.on('exit', () => reject(new Error('the child ended before it was killed')));
  });
  await new Promise((resolve) => setTimeout(resolve, afterMs));
  await ended(child);
  return doing;
}

async function ended(child: ChildProcess): Promise<void> {
  child.removeAllListeners('exit');
  const over = new Promise((resolve) => child.once('close', resolve));
  child.kill('SIGKILL');
  await over;
}

/** Whatever lies in the store that is neither a version nor the pointer. */
async function strangers(home: string, kept: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  // A process that was killed at its very start has not made the home yet.
  const entries = existsSync(home) ? await readdir(home) : [];
  for (const entry of entries) {
    if (entry === 'current' || kept.includes(entry)) continue;
    // A lock file that its process had not linked yet is gone after a minute.
    if (entry.startsWith('.lock.')) continue;
    if (!/^[a-z0-9]/.test(entry)) found.push(`left behind: ${entry}`);
    else
      for (const name of await readdir(path.join(home, entry)))
        if (!/^[1-9]\d*$/.test(name)) found.push(`left behind: ${entry}/${name}`);
  }
  return found;
}
