import type { FleetJob } from './fleet-job.js';
import type { Ledger } from './ledger.js';

export interface JobsOptions {
  readonly ledger: Ledger;
  /** Jobs at a time. */
  readonly workers: number;
  /** How often a job that fails is tried again. */
  readonly retries: number;
  /** Aborting begins no further job. */
  readonly signal: AbortSignal;
  /** Whether the output of a job is there, complete. */
  readonly isComplete: (job: FleetJob) => boolean;
  /** Makes the output, complete or not at all; rejects when that fails. */
  readonly run: (job: FleetJob) => Promise<void>;
  readonly onEvent?: (job: FleetJob, outcome: JobOutcome) => void;
}

/** `known`: it was done before. `left`: it was not begun, or ended by a signal. */
export type JobOutcome =
  | { readonly state: 'done'; readonly seconds: number; readonly attempts: number }
  | { readonly state: 'known' }
  | { readonly state: 'failed'; readonly message: string; readonly attempts: number }
  | { readonly state: 'left' };

/**
 * Runs every job that the ledger does not know as done, a few at a time, and resolves to what came of each, by its id. A
 * job is done when its output is complete: one that a killed process has finished without telling is told, not run.
 */
export async function runJobs(
  jobs: readonly FleetJob[],
  options: JobsOptions,
): Promise<Map<string, JobOutcome>> {
  const outcomes = new Map<string, JobOutcome>();
  const queue = [...new Map(jobs.map((job) => [job.id, job])).values()].reverse();
  const worker = async () => {
    for (let job = queue.pop(); job !== undefined; job = queue.pop()) {
      const outcome = await runJob(job, options);
      outcomes.set(job.id, outcome);
      options.onEvent?.(job, outcome);
    }
  };
  await Promise.all(Array.from({ length: options.workers }, worker));
  return outcomes;
}

async function runJob(job: FleetJob, options: JobsOptions): Promise<JobOutcome> {
  const { ledger, retries, signal, isComplete, run } = options;
  const entry = { job: job.id, bag: job.bag };
  if (isComplete(job)) {
    if (ledger.last(job.id)?.event !== 'done') await ledger.append({ event: 'done', ...entry, attempt: 1 });
    return { state: 'known' };
  }
  for (let attempt = 1; ; attempt++) {
    if (signal.aborted) return { state: 'left' };
    const began = performance.now();
    await ledger.append({ event: 'start', ...entry, attempt });
    try {
      await run(job);
    } catch (error) {
      // Whatever a job throws is that job's end, never the fleet's.
      if (signal.aborted) return { state: 'left' };
      const message = error instanceof Error ? error.message : String(error);
      await ledger.append({ event: 'failed', ...entry, attempt, message });
      if (attempt <= retries) continue;
      return { state: 'failed', message, attempts: attempt };
    }
    const seconds = Math.round(performance.now() - began) / 1000;
    await ledger.append({ event: 'done', ...entry, attempt, seconds });
    return { state: 'done', seconds, attempts: attempt };
  }
}
