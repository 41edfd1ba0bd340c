import { randomBytes } from 'node:crypto';
import type { FlowProducer, Job, Queue, QueueEvents } from 'bullmq';
import { NodeError } from '../../errors.js';
import type { Executor, ExecutorContext } from '../fleet-at-work.js';
import { bagsOf, distinctJobs, type FleetJob } from '../fleet-job.js';
import { endedOutcome, type JobOutcome } from '../job-outcome.js';
import { isComplete, readResult } from '../job-result.js';
import { finishedEntry, tellKnown } from '../run-jobs.js';
import { endsSoonAfter, GRACE_MS } from './ends-within.js';
import {
  connectionTo,
  deadLetters,
  PREFIX,
  QUEUE_ANSWER,
  type QueueAnswer,
  type QueuedJob,
  type QueueSettings,
  queueId,
  REDUCE,
} from './fleet-queue.js';
import { loadBullmq } from './load-bullmq.js';

export interface QueueExecutorOptions extends QueueSettings {
  /** Lower ones go first, from 1 on; jobs without one go before all others. */
  readonly priority?: number | undefined;
  /** Told what one should know while waiting. */
  readonly report?: (line: string) => void;
  /** First wait before a job that failed is tried again, ms; twice as long each time. For tests. */
  readonly backoffMs?: number;
}

const BACKOFF_MS = 5000;
/** What calls that were killed left in the queue, ended, goes after a week; seconds. */
const LEFT = { age: 7 * 24 * 3600 };
/** Jobs that are put into the queue at once, under one that adds up what they find. */
const GROUP = 500;
/** Events may be lost with a Redis that restarts: jobs are looked at, too, so many each time. */
const LOOK_MS = 2000;
const MOST_LOOKS = 250;

/**
 * Does jobs by the workers of a queue. Jobs that were put there by an earlier call, which was killed, are waited for, not put
 * there again. Those that a Redis has lost are. The ledger is written by this process alone: a job is told once.
 */
export function queueExecutor(options: QueueExecutorOptions): Executor {
  return async (jobs, context) => {
    const outcomes = new Map<string, JobOutcome>();
    const open: FleetJob[] = [];
    for (const job of distinctJobs(jobs)) {
      const done = async () => (isComplete(context, job) ? await readResult(context, job) : undefined);
      const known = await tellKnown(job, { ledger: context.ledger, done });
      if (known === undefined) open.push(job);
      else {
        outcomes.set(job.id, known);
        context.onEvent?.(job, known);
      }
    }
    if (open.length === 0 || context.signal.aborted) return outcomes;
    const over = new AbortController();
    const connection = await connectionTo(options, over.signal);
    const { Queue, QueueEvents, FlowProducer } = await loadBullmq();
    const about = { connection, prefix: PREFIX };
    const dispatch = new Dispatch(open, context, options, {
      queue: new Queue(options.queue, about),
      dead: new Queue(deadLetters(options.queue), about),
      events: new QueueEvents(options.queue, about),
      flows: new FlowProducer(about),
      over,
    });
    for (const [id, outcome] of await dispatch.run()) outcomes.set(id, outcome);
    return outcomes;
  };
}

interface Connections {
  readonly queue: Queue;
  readonly dead: Queue;
  readonly events: QueueEvents;
  readonly flows: FlowProducer;
  /** Aborting gives up connections that are lost. */
  readonly over: AbortController;
}

/** What a worker said of a job. */
interface Told {
  readonly id: string;
  readonly answer: QueueAnswer;
}

/** The jobs of one call on their way through the queue. */
class Dispatch {
  readonly #context: ExecutorContext;
  readonly #options: QueueExecutorOptions;
  readonly #connections: Connections;
  /** By their identity in the queue. */
  readonly #open = new Map<string, FleetJob>();
  readonly #outcomes = new Map<string, JobOutcome>();
  readonly #groups: string[] = [];
  readonly #done: string[] = [];
  /** Answers that came and are not told yet. */
  #answers: Told[] = [];
  /** What is told, one after the other. */
  #telling: Promise<void> = Promise.resolve();
  #failure: { readonly error: unknown } | undefined;
  #heardMs = 0;
  #said = '';
  #wake = () => {};

  constructor(
    jobs: readonly FleetJob[],
    context: ExecutorContext,
    options: QueueExecutorOptions,
    connections: Connections,
  ) {
    this.#context = context;
    this.#options = options;
    this.#connections = connections;
    for (const job of jobs) this.#open.set(queueId(job, context), job);
  }

  /** An abort ends it soon, though Redis be away. */
  async run(): Promise<Map<string, JobOutcome>> {
    const isEnded = await endsSoonAfter(this.#work(), this.#context.signal, GRACE_MS);
    if (!isEnded) this.#giveUp();
    for (const job of this.#open.values()) this.#outcomes.set(job.id, { state: 'left' });
    return this.#outcomes;
  }

  /** Lets go of connections that do not answer: nothing of them keeps the process. */
  #giveUp(): void {
    const { events, queue, dead, flows, over } = this.#connections;
    over.abort();
    for (const each of [events, queue, dead, flows]) void each.disconnect().catch(() => undefined);
  }

  async #work(): Promise<void> {
    const { events, queue, dead, flows, over } = this.#connections;
    const { signal } = this.#context;
    const stop = () => this.#wake();
    signal.addEventListener('abort', stop);
    // Connections come back by themselves; without listeners their errors would end the process.
    const away = (error: Error) => {
      if (!over.signal.aborted) this.#say(`queue: ${error.message || error.name}; trying again`);
    };
    events.on('error', away);
    flows.on('error', away);
    for (const each of [queue, dead]) each.on('error', away);
    events.on('completed', ({ jobId: id, returnvalue }) => this.#hear(id, returnvalue));
    events.on('failed', ({ jobId }) => this.#later(() => this.#settle(jobId)));
    try {
      await events.waitUntilReady();
      await this.#putThere();
      while (this.#open.size > 0 && !signal.aborted && this.#failure === undefined) {
        await this.#pause(LOOK_MS);
        const isQuiet = performance.now() - this.#heardMs > LOOK_MS;
        if (isQuiet) this.#lookAround();
        await this.#telling;
        if (isQuiet && this.#open.size > 0 && (await queue.getWorkersCount()) === 0)
          this.#say('no worker is at the queue: start `rxdepth fleet worker` on one machine or more');
      }
      if (this.#failure !== undefined) throw this.#failure.error;
      if (this.#open.size === 0) await this.#tidy();
    } finally {
      signal.removeEventListener('abort', stop);
      for (const each of [events, queue, dead, flows]) await each.close().catch(() => undefined);
    }
  }

  /** Puts every job there that is not, in flows: a job that adds up, and what it waits for. */
  async #putThere(): Promise<void> {
    const { flows, queue } = this.#connections;
    const fresh: string[] = [];
    for (const ids of inGroups([...this.#open.keys()], GROUP)) {
      const found = await Promise.all(ids.map((id) => queue.getJob(id)));
      for (const [i, id] of ids.entries()) if (await this.#isFresh(found[i])) fresh.push(id);
    }
    for (const ids of inGroups(fresh, GROUP)) {
      if (this.#context.signal.aborted) return;
      const group = `${REDUCE}-${randomBytes(8).toString('hex')}`;
      await flows.add({
        ...{ name: REDUCE, queueName: this.#options.queue, data: {} },
        opts: { jobId: group, attempts: 3, removeOnComplete: LEFT, removeOnFail: LEFT },
        children: ids.map((id) => ({ ...this.#item(id), queueName: this.#options.queue })),
      });
      this.#groups.push(group);
    }
  }

  /** Whether a job has to be put there: what an earlier call left behind, ended, goes first. */
  async #isFresh(found: Job | undefined): Promise<boolean> {
    if (found === undefined) return true;
    const state = await found.getState();
    if (state !== 'completed' && state !== 'failed' && state !== 'unknown') return false;
    await found.remove().catch(() => undefined); // another call may do the same
    return true;
  }

  #item(id: string) {
    const job = this.#open.get(id);
    if (job === undefined) throw new NodeError(`no job ${id}`);
    const { folder, upload, retries } = this.#context;
    const { priority, backoffMs = BACKOFF_MS } = this.#options;
    const data: QueuedJob = { job, folder, ...(upload !== undefined && { upload }) };
    return {
      ...{ name: job.task, data },
      opts: {
        ...{ jobId: id, attempts: retries + 1, ignoreDependencyOnFailure: true },
        backoff: { type: 'exponential', delay: backoffMs, jitter: 0.5 },
        ...{ removeOnComplete: LEFT, removeOnFail: LEFT },
        ...(priority !== undefined && { priority }),
      },
    };
  }

  /** Says what was not said last. */
  #say(line: string): void {
    if (line === this.#said) return;
    this.#said = line;
    this.#options.report?.(line);
  }

  /** A worker's answer arrived. */
  #hear(id: string, returned: unknown): void {
    const answer = this.#open.has(id) ? QUEUE_ANSWER.safeParse(returned).data : undefined;
    if (answer === undefined) return;
    this.#heardMs = performance.now();
    this.#answers.push({ id, answer });
    // Those that come while the ledger is written are told together.
    if (this.#answers.length === 1) this.#later(() => this.#tellAnswers());
  }

  #later(work: () => Promise<void>): void {
    this.#telling = this.#telling.then(work).catch((error: unknown) => {
      this.#failure ??= { error };
      this.#wake();
    });
  }

  async #tellAnswers(): Promise<void> {
    const told = new Map(this.#answers.map((each) => [each.id, each.answer]));
    this.#answers = [];
    const { ledger } = this.#context;
    const news = [...told].flatMap(([id, answer]) => {
      const job = this.#open.get(id);
      return job === undefined ? [] : [{ id, job, answer }];
    });
    const entries = news
      .filter(({ job }) => !ledger.isFinished(job.id))
      .map(({ job, answer }) => {
        const { seconds, worker, attempt } = answer;
        return finishedEntry(job, answer, { attempt, seconds, worker });
      });
    if (entries.length > 0) await ledger.append(...entries);
    for (const { id, job, answer } of news) {
      const { seconds, attempt } = answer;
      this.#end(id, job, endedOutcome(answer, { seconds, attempts: attempt }));
    }
  }

  /** Looks at some jobs whose events may have been lost. */
  #lookAround(): void {
    for (const [id, job] of [...this.#open].slice(0, MOST_LOOKS)) {
      this.#later(() => this.#settle(id));
      // Whoever was looked at comes last the next time.
      this.#open.delete(id);
      this.#open.set(id, job);
    }
  }

  /** Asks what became of a job, and tells it. */
  async #settle(id: string): Promise<void> {
    const { queue } = this.#connections;
    const job = this.#open.get(id);
    if (job === undefined || this.#context.signal.aborted) return;
    const item = await queue.getJob(id);
    if (item === undefined) {
      // A Redis that lost its last moments has lost it.
      const { name, data, opts } = this.#item(id);
      await queue.add(name, data, opts);
      return;
    }
    const state = await item.getState();
    if (state === 'failed') await this.#tellFailure(id, job, item);
    if (state !== 'completed') return;
    this.#answers.push({ id, answer: QUEUE_ANSWER.parse(item.returnvalue) });
    await this.#tellAnswers();
  }

  async #tellFailure(id: string, job: FleetJob, item: Job): Promise<void> {
    const attempts = Math.max(1, item.attemptsStarted);
    const message = item.failedReason || 'it says no reason';
    const { folder, ledger } = this.#context;
    await ledger.append({
      ...{ event: 'failed', job: job.id, task: job.task, bag: bagsOf(job), attempt: attempts, message },
    });
    const { dead } = this.#connections;
    await dead.remove(id);
    await dead.add(
      'dead',
      { output: job.output, bags: [bagsOf(job)], folder, message, attempts },
      { jobId: id },
    );
    this.#end(id, job, { state: 'failed', message, attempts });
  }

  #end(id: string, job: FleetJob, outcome: JobOutcome): void {
    this.#open.delete(id);
    this.#outcomes.set(job.id, outcome);
    if (outcome.state !== 'failed') this.#done.push(id);
    this.#context.onEvent?.(job, outcome);
    if (this.#open.size === 0) this.#wake();
  }

  /** Takes out of the queue what ended, and off the dead-letter list what is done now. */
  async #tidy(): Promise<void> {
    const { queue, dead } = this.#connections;
    for (const group of this.#groups) {
      const item = await queue.getJob(group);
      // A worker may be adding up right now; what stays is told by `fleet status` and taken out by the next call.
      await item?.remove({ removeChildren: true }).catch(() => undefined);
    }
    const { waiting = 0 } = await dead.getJobCounts('waiting');
    if (waiting > 0) for (const id of this.#done) await dead.remove(id);
  }

  #pause(ms: number): Promise<void> {
    if (this.#open.size === 0) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

function inGroups<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) =>
    items.slice(i * size, (i + 1) * size),
  );
}
