import { bagsOf, distinctJobs, type FleetJob } from './fleet-job.js';
import { endedOutcome, type JobOutcome, knownOutcome } from './job-outcome.js';
import type { Ledger, LedgerEntry } from './ledger.js';
import type { JobResult } from './tasks/fleet-task.js';

export interface JobsOptions {
  readonly ledger: Ledger;
  /** Jobs at a time. */
  readonly workers: number;
  /** How often a job that fails is tried again. */
  readonly retries: number;
  /** Aborting begins no further job. */
  readonly signal: AbortSignal;
  /** The result of a job whose output is there, complete; undefined where it is not. */
  readonly done: (job: FleetJob) => Promise<JobResult | undefined>;
  /** Makes the output, complete or not at all; rejects when that fails, and soon when its signal aborts. */
  readonly run: (job: FleetJob, signal: AbortSignal) => Promise<JobResult>;
  readonly onEvent?: (job: FleetJob, outcome: JobOutcome) => void;
}

/**
 * Runs every job whose output is not there, a few at a time, and resolves to what came of each, by its id. A job is done
 * when its output is complete: one that a killed process has finished without telling is told, not run. It settles when no
 * job runs any more.
 * @throws the system's error when the ledger cannot be written; the jobs that run are ended before.
 */
export async function runJobs(
  jobs: readonly FleetJob[],
  options: JobsOptions,
): Promise<Map<string, JobOutcome>> {
  const outcomes = new Map<string, JobOutcome>();
  const queue = distinctJobs(jobs).reverse();
  const broken = new AbortController();
  const signal = AbortSignal.any([options.signal, broken.signal]);
  const worker = async () => {
    for (let job = queue.pop(); job !== undefined && !broken.signal.aborted; job = queue.pop()) {
      const outcome = (await tellKnown(job, options)) ?? (await runJob(job, { ...options, signal }));
      outcomes.set(job.id, outcome);
      options.onEvent?.(job, outcome);
    }
  };
  const end = (error: unknown) => broken.abort(error);
  // The ledger is closed and the lock let go afterwards: no job may run on then.
  await Promise.all(Array.from({ length: options.workers }, () => worker().catch(end)));
  broken.signal.throwIfAborted();
  return outcomes;
}

/** The outcome of a job whose output is there: the ledger says so once. One whose result cannot be read has failed. */
export async function tellKnown(
  job: FleetJob,
  { ledger, done }: Pick<JobsOptions, 'ledger' | 'done'>,
): Promise<JobOutcome | undefined> {
  let result: JobResult | undefined;
  try {
    result = await done(job);
  } catch (error) {
    const message = messageOf(error);
    await ledger.append({ event: 'failed', ...aboutJob(job), attempt: 1, message });
    return { state: 'failed', message, attempts: 1 };
  }
  if (result === undefined) return undefined;
  if (!ledger.isFinished(job.id)) await ledger.append(finishedEntry(job, result, { attempt: 1 }));
  return knownOutcome(result);
}

/** Says that a job has its output, and what is missing in it. */
export function finishedEntry(
  job: FleetJob,
  { missing }: JobResult,
  how: { readonly attempt: number; readonly seconds?: number; readonly worker?: string },
): Omit<LedgerEntry, 'time'> {
  return {
    event: missing.length > 0 ? 'damaged' : 'done',
    ...{ ...aboutJob(job), ...how },
    ...(missing.length > 0 && { missing: [...missing] }),
  };
}

async function runJob(job: FleetJob, options: JobsOptions): Promise<JobOutcome> {
  const { ledger, retries, signal, run } = options;
  const entry = aboutJob(job);
  for (let attempt = 1; ; attempt++) {
    if (signal.aborted) return { state: 'left' };
    const began = performance.now();
    await ledger.append({ event: 'start', ...entry, attempt });
    let result: JobResult;
    try {
      result = await run(job, signal);
    } catch (error) {
      // Whatever a job throws is that job's end, never the fleet's.
      if (signal.aborted) return { state: 'left' };
      const message = messageOf(error);
      await ledger.append({ event: 'failed', ...entry, attempt, message });
      if (attempt <= retries) continue;
      return { state: 'failed', message, attempts: attempt };
    }
    const seconds = Math.round(performance.now() - began) / 1000;
    await ledger.append(finishedEntry(job, result, { attempt, seconds }));
    return endedOutcome(result, { seconds, attempts: attempt });
  }
}

function aboutJob(job: FleetJob): Pick<LedgerEntry, 'job' | 'task' | 'bag'> {
  return { job: job.id, task: job.task, bag: bagsOf(job) };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
