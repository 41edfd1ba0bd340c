import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Executor } from '../../fleet/fleet-at-work.js';

/** Flags of the commands that put jobs into a queue. */
export interface QueueFlags {
  readonly redis?: string;
  readonly queue: string;
  readonly priority?: number;
}

/** Flags of what puts jobs into a queue. */
export function addQueueFlags(command: Command): Command {
  return addRedisFlags(command, '; workers of many machines do the jobs then, instead of this one').option(
    '--priority <n>',
    'with --redis: lower ones go first, from 1 on; jobs without one go before all others (default: none)',
    priority,
  );
}

/** Flags that name the queue. @param more what the help says of it besides. */
export function addRedisFlags(command: Command, more = ''): Command {
  return command
    .addOption(
      new Option(
        '--redis <url>',
        `\`redis://[:PASSWORD@]HOST[:PORT]\`, or rediss:// for TLS: the queue's Redis${more}`,
      ).env('RXDEPTH_REDIS'),
    )
    .option('--queue <name>', 'name of the queue in Redis', 'fleet');
}

/** Undefined: jobs are done in processes of this machine. */
export async function executorOf({
  redis,
  queue,
  priority: first,
}: QueueFlags): Promise<Executor | undefined> {
  if (redis === undefined) return undefined;
  const { queueExecutor } = await import('../../fleet/queue/queue-executor.js');
  const report = (line: string) => void process.stderr.write(`${line}\n`);
  return queueExecutor({ redis, queue, priority: first, report });
}

/** The most that BullMQ takes. */
const MOST_PRIORITY = 2_097_151;

function priority(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= MOST_PRIORITY) return value;
  throw new InvalidArgumentError(`expected \`a whole number from 1 to ${MOST_PRIORITY}\`.`);
}
