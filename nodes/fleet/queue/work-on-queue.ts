import { existsSync } from 'node:fs';
import { hostname } from 'node:os';
import type { Job, Worker } from 'bullmq';
import { NodeError } from '../../errors.js';
import { addFacts, EVALUATION_FACTS } from '../evaluation-facts.js';
import type { FleetJob } from '../fleet-job.js';
import { isComplete, readResult } from '../job-result.js';
import { PARTIAL, removePartials, runTask } from '../run-task.js';
import type { JobResult } from '../tasks/fleet-task.js';
import { treeDigest } from '../tree-digest.js';
import { endsWithin, GRACE_MS } from './ends-within.js';
import {
  connectionTo,
  PREFIX,
  QUEUE_ANSWER,
  QUEUED_JOB,
  type QueueAnswer,
  type QueueSettings,
  REDUCE,
} from './fleet-queue.js';
import { loadBullmq } from './load-bullmq.js';

export interface WorkerOptions extends QueueSettings {
  /** Jobs at a time. */
  readonly concurrency: number;
  /** A worker that gives no sign of life for so long is taken to be dead: its jobs go to others. */
  readonly lockSeconds: number;
  /** Most jobs that the workers of the queue begin within some seconds. */
  readonly rate?: { readonly count: number; readonly seconds: number } | undefined;
  /** Aborting finishes the jobs that run, and takes no more. */
  readonly signal: AbortSignal;
  readonly report: (line: string) => void;
  /** Does a job; for simulations. `runTask` where left out. */
  readonly run?: typeof runTask;
}

/** How often a job may lose its worker before it is given up: a job that kills every worker must end. */
const MOST_STALLS = 20;
/** Least time between two signs of progress of a job, ms. */
const PROGRESS_MS = 2000;

/**
 * Works on the jobs of a queue until it is aborted. Each job is done in a process of its own, so that this one is free to
 * renew its lock. A job whose worker was killed goes to another one.
 */
export async function workOnQueue(options: WorkerOptions): Promise<void> {
  const { queue, concurrency, lockSeconds, rate, signal, report } = options;
  const over = new AbortController();
  const connection = await connectionTo(options, over.signal);
  const { Worker, UnrecoverableError } = await loadBullmq();
  const me = `${hostname()}:${process.pid}`;
  const models = new Map<string, Promise<string>>();
  const running = new Set<Promise<unknown>>();
  const work = async (item: Job): Promise<unknown> => {
    if (item.name === REDUCE) return reduce(await item.getChildrenValues());
    const told = QUEUED_JOB.safeParse(item.data);
    if (!told.success)
      throw new UnrecoverableError(`no job of this version of rxdepth: ${told.error.message}`);
    const { job, folder, upload } = told.data;
    try {
      const began = performance.now();
      const doing = doJob(job, { folder, upload }, item, models, options);
      running.add(doing);
      const result = await doing.finally(() => running.delete(doing));
      const seconds = Math.round(performance.now() - began) / 1000;
      report(`${job.output}: done in ${seconds} s`);
      const attempt = Math.max(1, item.attemptsStarted);
      const answer: QueueAnswer = { ...result, missing: [...result.missing], seconds, attempt, worker: me };
      return answer;
    } catch (error) {
      report(`${job.output}: failed: ${(error as Error).message}`);
      throw error;
    }
  };
  const worker = new Worker(queue, work, {
    ...{ connection, prefix: PREFIX, concurrency, name: me, maxStalledCount: MOST_STALLS },
    ...{ lockDuration: lockSeconds * 1000, stalledInterval: lockSeconds * 1000 },
    ...(rate && { limiter: { max: rate.count, duration: rate.seconds * 1000 } }),
  });
  let last = '';
  worker.on('error', (error) => {
    // A Redis that is away says so again and again.
    if (error.message !== last) report(`queue: ${error.message || error.name}; trying again`);
    last = error.message;
  });
  worker.on('stalled', (id) => report(`${id}: its worker gave no sign of life; it is done again`));
  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve());
  });
  await closeWorker(worker, running, over, options);
}

/** Waits for the jobs that run, and for a Redis that is away no longer than a moment. */
async function closeWorker(
  worker: Worker,
  running: ReadonlySet<Promise<unknown>>,
  over: AbortController,
  settings: WorkerOptions,
): Promise<void> {
  const isThere = () => endsWithin(connectionTo(settings), GRACE_MS).catch(() => false);
  if (!(await isThere())) {
    await worker.pause(true);
    while (running.size > 0) await Promise.allSettled(running);
    if (!(await isThere())) {
      settings.report('queue: Redis is away; what it was not told of is looked at by another worker');
      over.abort();
      await worker.close(true);
      return;
    }
  }
  const closed = worker.close();
  do await Promise.allSettled(running);
  while (!(await endsWithin(closed, GRACE_MS)) && running.size > 0);
  // Redis may have gone meanwhile: what waits for it fails now.
  over.abort();
  await endsWithin(closed, GRACE_MS);
}

async function doJob(
  job: FleetJob,
  place: { readonly folder: string; readonly upload: string | undefined },
  item: Job,
  models: Map<string, Promise<string>>,
  { run = runTask }: WorkerOptions,
): Promise<JobResult> {
  if (!existsSync(place.folder)) {
    throw new NodeError(
      `the fleet's folder ${place.folder} is not on this machine: workers need it under the same path, on a shared disk`,
    );
  }
  // By an attempt whose end nobody was told of.
  if (isComplete(place, job)) return await readResult(place, job);
  await checkModel(job.model, job.modelDigest, models);
  const partial = `${PARTIAL}${job.id.slice(0, 12)}`;
  await removePartials(place.folder, partial);
  let toldMs = Number.NEGATIVE_INFINITY;
  return await run(job, {
    ...place,
    signal: new AbortController().signal,
    onSaid: (said) => {
      if (performance.now() - toldMs < PROGRESS_MS) return;
      toldMs = performance.now();
      // A sign only.
      void item.updateProgress({ said: said.slice(0, 200) }).catch(() => undefined);
    },
  });
}

/** @throws NodeError where this machine has another model at that place. */
async function checkModel(
  model: string,
  expected: string,
  models: Map<string, Promise<string>>,
): Promise<void> {
  const digest = models.get(model) ?? treeDigest(model);
  models.set(model, digest);
  const found = await digest.catch((cause: Error) => {
    models.delete(model);
    throw new NodeError(`the model ${model} cannot be read on this machine: ${cause.message}`, { cause });
  });
  if (found === expected) return;
  models.delete(model);
  throw new NodeError(`${model} is another model on this machine than on the one that asks`, { file: model });
}

/** What the children of a job found together: figures of an evaluation, where it is one. */
function reduce(answers: Readonly<Record<string, unknown>>): unknown {
  const facts = Object.values(answers).map((answer) => {
    const { facts: told } = QUEUE_ANSWER.parse(answer);
    return EVALUATION_FACTS.safeParse(told).data;
  });
  const told = facts.filter((each) => each !== undefined);
  return { jobs: facts.length, ...(told.length > 0 && { facts: addFacts(told) }) };
}
