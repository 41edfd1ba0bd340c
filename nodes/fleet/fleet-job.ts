import { createHash } from 'node:crypto';
import path from 'node:path';
import { z } from 'zod';
import { isRemote, remoteName, shownPlace } from '../../msgs/remote/remote-url.js';

/** What a fleet can do with bags; `FLEET_TASKS` says how. */
export const TASK_NAMES = ['replay', 'evaluate', 'learn', 'judge'] as const;
export type TaskName = (typeof TASK_NAMES)[number];

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

/** As it travels through a queue. */
export const FLEET_JOB = z.strictObject({
  /** SHA-256, in hex, of the task, of the digests of bags and models and of the flags. */
  id: sha256,
  task: z.enum(TASK_NAMES),
  /** Paths or URLs; the first one names the job. */
  bags: z.array(z.string().min(1)).min(1),
  /** Model folder, and the digest that it must have. */
  model: z.string(),
  modelDigest: sha256,
  /** Model folder that is judged against `model`. */
  candidate: z.string().optional(),
  /** Flags of the command that does the task. */
  flags: z.array(z.string()),
  /** Name of the output in the fleet's folder. */
  output: z.string().regex(/^[^/\\\0]+$/),
});

/** Work on one bag, or on several together. The identity is that of what goes in, wherever the bags lie. */
export type FleetJob = Readonly<z.infer<typeof FLEET_JOB>>;

export interface JobDigests {
  /** One for each bag. */
  readonly bags: readonly string[];
  readonly model: string;
  readonly candidate?: string;
}

/** What a job is about; its identity is that of the contents. */
export interface JobSubject {
  readonly task: TaskName;
  readonly bags: readonly string[];
  readonly model: string;
  readonly candidate?: string;
  readonly flags: readonly string[];
}

/** The job of bags with the given contents under a model and flags. */
export function fleetJob(subject: JobSubject, digests: JobDigests): FleetJob {
  const { task, bags, model, candidate, flags } = subject;
  const [first = ''] = digests.bags;
  const content = JSON.stringify([
    task,
    digests.bags.length === 1 ? first : digests.bags,
    digests.model,
    flags,
    ...(digests.candidate === undefined ? [] : [digests.candidate]),
  ]);
  const id = createHash('sha256').update(content).digest('hex');
  return {
    ...{ id, task, bags: [...bags], model, modelDigest: digests.model, flags: [...flags] },
    ...(candidate !== undefined && { candidate }),
    output: `${nameOf(bags[0] ?? '')}-${id.slice(0, 12)}`,
  };
}

/** The jobs that are done, one of each identity: what comes last gives the output its name. */
export function distinctJobs(jobs: readonly FleetJob[]): FleetJob[] {
  return [...new Map(jobs.map((job) => [job.id, job])).values()];
}

/** For people: the bags, as reports and the ledger name them. */
export function bagsOf({ bags }: FleetJob): string {
  return bags.map(shownPlace).join(', ');
}

function nameOf(bag: string): string {
  const name = (isRemote(bag) ? remoteName(bag) : path.basename(bag)).replace(
    /(\.(mcap|db3))?(\.zstd)?$/,
    '',
  );
  // Names of objects may hold what names of files may not.
  return name.replace(/[/\\\0]/g, '_') || 'bag';
}
