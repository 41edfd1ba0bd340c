import { createHash } from 'node:crypto';
import type { ConnectionOptions } from 'bullmq';
import { z } from 'zod';
import { NodeError } from '../../errors.js';
import { FLEET_JOB, type FleetJob } from '../fleet-job.js';
import type { OutputPlace } from '../job-result.js';
import { loadBullmq } from './load-bullmq.js';

/** Which queue of which Redis. */
export interface QueueSettings {
  /** `redis://[:PASSWORD@]HOST[:PORT][/DATABASE]`, or `rediss://` for TLS. */
  readonly redis: string;
  /** Fleets of other names share nothing. */
  readonly queue: string;
}

/** Begin of all keys in Redis. */
export const PREFIX = 'rxdepth';
/** From a connection that is lost to the next try. */
const RECONNECT_MS = 1000;
/** Name of the jobs that add up what their children found; all others are named after their task. */
export const REDUCE = 'reduce';

/** What a worker is told. */
export const QUEUED_JOB = z.strictObject({
  job: FLEET_JOB,
  /** The fleet's folder, on every machine under the same path. */
  folder: z.string().min(1),
  upload: z.string().optional(),
});
export type QueuedJob = z.infer<typeof QUEUED_JOB>;

/** What a worker answers. */
export const QUEUE_ANSWER = z.strictObject({
  missing: z.array(z.string()),
  facts: z.unknown().optional(),
  seconds: z.number(),
  /** How often it was begun, those times too whose worker was killed. */
  attempt: z.number().int().positive(),
  /** Host and process. */
  worker: z.string(),
});
export type QueueAnswer = z.infer<typeof QUEUE_ANSWER>;

/** A job that failed for good, on the dead-letter list. */
export const DEAD_LETTER = z.object({
  output: z.string(),
  bags: z.array(z.string()),
  folder: z.string(),
  message: z.string(),
  attempts: z.number(),
});

/** Name of the dead-letter list of a queue. */
export function deadLetters(queue: string): string {
  return `${queue}-dead`;
}

/** Identity of a job in the queue: the same work for another place is another job. */
export function queueId({ id }: FleetJob, { folder, upload = '' }: OutputPlace): string {
  return `${id.slice(0, 32)}-${createHash('sha256').update(`${folder}\n${upload}`).digest('hex').slice(0, 8)}`;
}

/** Redis without user and password, for messages. */
export function shownRedis(url: string): string {
  return url.replace(/^(\w+:\/\/)[^/@]*@/, '$1');
}

/**
 * Asks Redis for a sign of life, and says how to connect for good: connections then outlive a restart of Redis.
 * @param over from its abort on, lost connections do not come back, and what waits for them fails.
 * @throws NodeError when the settings are wrong or Redis cannot be reached.
 */
export async function connectionTo(
  { redis, queue }: QueueSettings,
  over?: AbortSignal,
): Promise<ConnectionOptions> {
  if (!/^rediss?:\/\/./.test(redis))
    throw new NodeError(`--redis: expected \`redis://HOST[:PORT]\`, got \`${shownRedis(redis)}\``, {
      field: '--redis',
    });
  if (!/^[A-Za-z0-9_-]{1,64}$/.test(queue)) {
    throw new NodeError(`--queue: expected letters, digits, \`-\` and \`_\`, got \`${queue}\``, {
      field: '--queue',
    });
  }
  const { Redis } = await loadBullmq();
  const probe = new Redis(redis, {
    ...{ lazyConnect: true, connectTimeout: 10_000, maxRetriesPerRequest: 0 },
    retryStrategy: () => null,
  });
  let why: Error | undefined;
  // Told apart from the error of the call, which only says that the connection is closed.
  probe.on('error', (error: Error) => {
    why ??= error;
  });
  try {
    await probe.connect();
    await probe.ping();
  } catch (error) {
    const cause = why ?? (error as Error);
    throw new NodeError(`Redis at ${shownRedis(redis)} cannot be used: ${cause.message}`, { cause });
  } finally {
    probe.disconnect();
  }
  return {
    ...{ url: redis, maxRetriesPerRequest: null },
    retryStrategy: () => (over?.aborted ? null : RECONNECT_MS),
  };
}
