import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { replaceFile } from '../../models/durable-files.js';
import { ProcessLock } from '../../msgs/files/process-lock.js';
import type { FleetJob } from './fleet-job.js';
import type { JobOutcome } from './job-outcome.js';
import { isComplete, type OutputPlace, readResult } from './job-result.js';
import { Ledger } from './ledger.js';
import { runJobs } from './run-jobs.js';
import { PARTIAL, removePartials, runTask } from './run-task.js';
import { type Shard, shardTag } from './shard.js';

/** What every fleet is told. */
export interface FleetOptions {
  readonly folder: string;
  /** `s3://bucket/prefix` that outputs are uploaded to, in place of the folder. */
  readonly upload?: string | undefined;
  /** Jobs at a time, on this machine. */
  readonly workers: number;
  /** How often a job that fails is tried again. */
  readonly retries: number;
  readonly signal: AbortSignal;
  readonly onEvent?: (job: FleetJob, outcome: JobOutcome) => void;
  /** One of several fleets in the folder. */
  readonly shard?: Shard | undefined;
  /** Does jobs elsewhere than in processes of this machine. */
  readonly executor?: Executor | undefined;
}

/** What of a fleet an executor works with. */
export interface ExecutorContext extends OutputPlace {
  readonly ledger: Ledger;
  readonly retries: number;
  readonly signal: AbortSignal;
  readonly onEvent?: (job: FleetJob, outcome: JobOutcome) => void;
}

/** Does jobs that are not done, tells the ledger, and resolves to what came of each, by its id. */
export type Executor = (
  jobs: readonly FleetJob[],
  context: ExecutorContext,
) => Promise<ReadonlyMap<string, JobOutcome>>;

/** A fleet in its folder, which it has for itself. */
export interface FleetAtWork {
  /** What came of each job, by its id; jobs that were not come to are left out. */
  run(jobs: readonly FleetJob[]): Promise<ReadonlyMap<string, JobOutcome>>;
  /** Replaces the report. */
  report(report: object): Promise<void>;
}

/**
 * Works in a fleet's folder, alone: another fleet of the same shard is refused.
 * @throws LockedError when one is at work there; NodeError when the ledger is damaged.
 */
export async function fleetAtWork<T>(
  options: FleetOptions,
  work: (fleet: FleetAtWork) => Promise<T>,
): Promise<T> {
  const { folder, shard, executor } = options;
  const tag = shardTag(shard);
  await mkdir(folder, { recursive: true });
  const what = `the fleet's folder ${folder}`;
  const lock = await ProcessLock.acquire(path.join(folder, `.lock${tag}`), { waitMs: 0, what });
  try {
    // None of these begins another: shards and workers of a queue may be at work in the folder.
    const partial = `${PARTIAL}${shard === undefined ? 'whole' : tag.slice(1)}-`;
    // Of a fleet that was killed: no other process of this machine writes such names. Workers elsewhere may.
    if (executor === undefined) await removePartials(folder, partial);
    const ledger = await Ledger.open(path.join(folder, `ledger${tag}.jsonl`));
    try {
      return await work({
        run: async (jobs) => {
          const context = { ...options, ledger };
          return executor === undefined
            ? await runHere(jobs, context, partial)
            : await executor(jobs, context);
        },
        report: (report) =>
          replaceFile(path.join(folder, `report${tag}.json`), `${JSON.stringify(report, undefined, 2)}\n`),
      });
    } finally {
      await ledger.close();
    }
  } finally {
    await lock.release();
  }
}

function runHere(
  jobs: readonly FleetJob[],
  options: FleetOptions & ExecutorContext,
  partial: string,
): Promise<Map<string, JobOutcome>> {
  const { folder, upload } = options;
  const place = { folder, upload };
  return runJobs(jobs, {
    ...options,
    done: async (job) => (isComplete(place, job) ? await readResult(place, job) : undefined),
    run: (job, signal) => runTask(job, { ...place, signal, partial }),
  });
}
