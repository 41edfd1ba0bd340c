import type { FleetJob } from '../fleet-job.js';

/** What a job's process said of its work, for the ledger and the report. */
export interface JobResult {
  /** What of the bags is missing in the output, one sentence each; empty where nothing is. */
  readonly missing: readonly string[];
  /** What is reduced over all jobs, by task. */
  readonly facts?: unknown;
}

/** Where a job's process writes: names that do not exist yet. */
export interface TaskPlace {
  /** Folder that becomes the output. */
  readonly output: string;
  /** JSON file that becomes the result. */
  readonly result: string;
}

/** How a task is done: by which command, in a process of its own, and what its result says. */
export interface FleetTask {
  /** Command of `rxdepth` that does the task, for messages. */
  readonly command: string;
  /** Whether the command writes an output folder, beside the result. */
  readonly hasOutput: boolean;
  /** Whether the command learns or judges: then it gets a home of its own, in which `model` is the current version. */
  readonly needsHome?: boolean;
  /** Flags of the command that lead several jobs to one place, or make them depend on more than the job says. */
  readonly refused: readonly string[];
  /** Exit codes that are an answer, beside 0. */
  readonly answers?: readonly number[];
  arguments(job: FleetJob, place: TaskPlace): string[];
  /** Where the command writes its result, where it may not be told. */
  resultIn?(place: TaskPlace): string;
  /** @throws ZodError when the JSON is no result. */
  read(json: unknown): JobResult;
}
