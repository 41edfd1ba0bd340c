import {
  connectionTo,
  DEAD_LETTER,
  deadLetters,
  PREFIX,
  QUEUED_JOB,
  type QueueSettings,
  REDUCE,
} from './fleet-queue.js';
import { loadBullmq } from './load-bullmq.js';

export interface QueueStatus {
  /** Jobs by state: `waiting`, `prioritized`, `delayed` (to be tried again), `active`, `completed`, `failed`. */
  readonly counts: Readonly<Record<string, number>>;
  /** Host and process of each worker. */
  readonly workers: readonly string[];
  /** What is worked on, and the last line that was said of it. */
  readonly active: readonly { readonly output: string; readonly attempt: number; readonly said?: string }[];
  /** Jobs that failed for good, until they are done. */
  readonly dead: readonly {
    readonly output: string;
    readonly bags: readonly string[];
    readonly message: string;
    readonly attempts: number;
  }[];
}

const STATES = ['waiting', 'prioritized', 'delayed', 'active', 'completed', 'failed'] as const;
const MOST_DEAD = 1000;

/** What is going on in a queue. @throws NodeError when Redis cannot be reached. */
export async function queueStatus(settings: QueueSettings): Promise<QueueStatus> {
  const connection = await connectionTo(settings);
  const { Queue } = await loadBullmq();
  const about = { connection, prefix: PREFIX };
  const queue = new Queue(settings.queue, about);
  const dead = new Queue(deadLetters(settings.queue), about);
  for (const each of [queue, dead]) each.on('error', () => undefined);
  try {
    const active = (await queue.getActive()).filter(({ name }) => name !== REDUCE);
    const letters = await dead.getWaiting(0, MOST_DEAD - 1);
    return {
      counts: await queue.getJobCounts(...STATES),
      workers: (await queue.getWorkers()).map(({ rawname = '', name = '' }) => nameOf(rawname) ?? name),
      active: active.flatMap(({ data, attemptsStarted, progress }) => {
        const told = QUEUED_JOB.safeParse(data).data;
        const said = typeof progress === 'object' && 'said' in progress ? String(progress.said) : undefined;
        if (told === undefined) return [];
        return [{ output: told.job.output, attempt: attemptsStarted, ...(said !== undefined && { said }) }];
      }),
      dead: letters.flatMap(({ data }) => DEAD_LETTER.safeParse(data).data ?? []),
    };
  } finally {
    await queue.close();
    await dead.close();
  }
}

/** BullMQ names connections `PREFIX:QUEUE:w:NAME`, the queue in base64. */
function nameOf(raw: string): string | undefined {
  return /:w:(.+)$/.exec(raw)?.[1];
}
