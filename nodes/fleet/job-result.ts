import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { NodeError } from '../errors.js';
import type { FleetJob } from './fleet-job.js';
import type { JobResult } from './tasks/fleet-task.js';
import { FLEET_TASKS } from './tasks/fleet-tasks.js';

/** Where a fleet's outputs go. */
export interface OutputPlace {
  /** The fleet's folder: ledger, report, logs, results, and outputs that are not uploaded. */
  readonly folder: string;
  /** `s3://bucket/prefix` that outputs are uploaded to; they stay in the folder where left out. */
  readonly upload?: string | undefined;
}

/** File of a job's result: what `rxdepth COMMAND --json` wrote. What was uploaded elsewhere is another result. */
export function resultFile({ folder, upload }: OutputPlace, { output }: Pick<FleetJob, 'output'>): string {
  const tag =
    upload === undefined ? '' : `-${createHash('sha256').update(upload).digest('hex').slice(0, 12)}`;
  return path.join(folder, `results${tag}`, `${output}.json`);
}

/** Whether the output of a job is there, complete. An uploaded output is, when its result is. */
export function isComplete(place: OutputPlace, job: FleetJob): boolean {
  return FLEET_TASKS[job.task].hasOutput && place.upload === undefined
    ? existsSync(path.join(place.folder, job.output))
    : existsSync(resultFile(place, job));
}

/**
 * Reads the result of a job whose output is complete. Outputs of versions that wrote none say nothing of damage.
 * @throws NodeError when the result is none of the task.
 */
export async function readResult(place: OutputPlace, job: FleetJob): Promise<JobResult> {
  const file = resultFile(place, job);
  if (!existsSync(file)) return { missing: [] };
  try {
    return FLEET_TASKS[job.task].read(JSON.parse(await readFile(file, 'utf8')));
  } catch (cause) {
    throw new NodeError(
      `${file} is no result of \`rxdepth ${FLEET_TASKS[job.task].command}\`: ${(cause as Error).message}; remove it with ` +
        `the output \`${job.output}\`, and the job is done again`,
      { cause, file },
    );
  }
}
