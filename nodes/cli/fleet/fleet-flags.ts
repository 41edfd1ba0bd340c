import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import type { Command } from 'commander';
import { NodeError } from '../../errors.js';
import type { FleetOptions } from '../../fleet/fleet-at-work.js';
import { bagsOf, type FleetJob } from '../../fleet/fleet-job.js';
import type { JobOutcome } from '../../fleet/job-outcome.js';
import { parseCount } from '../replay-options.js';

/** What every command of a fleet takes. */
export interface FleetFlags {
  readonly output: string;
  readonly model?: string;
  readonly workers?: number;
  readonly retries: string;
}

/** Flags that every task of a fleet has. */
export function addFleetFlags(command: Command): Command {
  return command
    .option('--model <folder>', 'model folder or version NAME/N (default: the current one)')
    .option('--workers <count>', 'jobs at a time on this machine (default: half of the cores)', parseCount)
    .option('--retries <count>', 'how often a job that fails is tried again', '1');
}

/** What the flags say, but for the signal. */
export function fleetOptions(
  flags: FleetFlags,
  what: string,
): Pick<FleetOptions, 'folder' | 'workers' | 'retries' | 'onEvent'> & { readonly model?: string } {
  const retries = Number(flags.retries);
  if (!Number.isInteger(retries) || retries < 0)
    throw new NodeError(`${what}: expected \`--retries\` to be 0 or more, got \`${flags.retries}\``);
  return {
    folder: path.resolve(flags.output),
    ...(flags.model !== undefined && { model: flags.model }),
    workers: flags.workers ?? Math.max(1, availableParallelism() >> 1),
    ...{ retries, onEvent: tell },
  };
}

/** Flags of another command, in one argument. */
export function words(text: string | undefined): string[] {
  return text?.split(/\s+/).filter((word) => word !== '') ?? [];
}

/** Bags of the command line and of `--list`. */
export async function bagsGiven(
  bags: readonly string[],
  list: string | undefined,
  what: string,
): Promise<string[]> {
  return [...bags, ...(list === undefined ? [] : await linesOf(list, what))];
}

function tell(job: FleetJob, outcome: JobOutcome): void {
  process.stderr.write(`${job.output}: ${outcomeText(outcome, job)}\n`);
}

function outcomeText(outcome: JobOutcome, job: FleetJob): string {
  switch (outcome.state) {
    case 'done':
      return `done in ${outcome.seconds} s`;
    case 'damaged': {
      const when = 'before' in outcome ? 'before' : `in ${outcome.seconds} s`;
      return `done ${when}, damaged: ${outcome.missing.join('; ')}`;
    }
    case 'known':
      return 'done before';
    case 'failed':
      return `failed after ${outcome.attempts} attempts: ${outcome.message}`;
    case 'left':
      return `left (${bagsOf(job)})`;
  }
}

async function linesOf(file: string, what: string): Promise<string[]> {
  try {
    return (await readFile(file, 'utf8')).split('\n').flatMap((line) => line.trim() || []);
  } catch (error) {
    throw new NodeError(`${what}: \`--list ${file}\` cannot be read`, { cause: error });
  }
}
