import { type Command, InvalidArgumentError } from 'commander';
import { stopOnSignals } from '../../../models/stop-on-signals.js';
import { NodeError } from '../../errors.js';
import { parseCount } from '../replay-options.js';
import { addRedisFlags } from './queue-flags.js';

interface WorkerFlags {
  readonly redis?: string;
  readonly queue: string;
  readonly concurrency: number;
  readonly rate?: { readonly count: number; readonly seconds: number };
  readonly lockSeconds: number;
}

/** `fleet worker` and `fleet status`. */
export function registerWorker(fleet: Command): void {
  addRedisFlags(
    fleet
      .command('worker')
      .summary('do the jobs of a queue')
      .description(
        'Does the jobs that `fleet replay`, `evaluate` and `adapt` put into a queue with --redis, each in a process of its ' +
          'own, until it is ended: Ctrl-C finishes the jobs that run, a second one leaves them to other workers. The bags, the ' +
          "model and the fleet's folder must be there under the same paths.",
      ),
  )
    .option('--concurrency <count>', 'jobs at a time', parseCount, 1)
    .option('--rate <count/seconds>', 'most jobs that all workers of the queue begin in a time: 10/60', rate)
    .option(
      '--lock-seconds <n>',
      'a worker that gives no sign of life for so long is taken to be dead, and its jobs are done by others',
      parseCount,
      30,
    )
    .action(work);
  addRedisFlags(
    fleet.command('status').description('What is going on in a queue: jobs, workers, dead letters.'),
  )
    .option('--json', 'print one JSON object')
    .action(status);
}

async function work(flags: WorkerFlags): Promise<void> {
  const { workOnQueue } = await import('../../fleet/queue/work-on-queue.js');
  const stop = stopOnSignals('rxdepth: finishing the jobs that run');
  try {
    await workOnQueue({
      ...{ ...flags, redis: redisOf(flags), signal: stop.signal },
      report: (line) => process.stderr.write(`${line}\n`),
    });
  } finally {
    stop.release();
  }
}

async function status(flags: { redis?: string; queue: string; json?: boolean }): Promise<void> {
  const { queueStatus } = await import('../../fleet/queue/queue-status.js');
  const found = await queueStatus({ redis: redisOf(flags), queue: flags.queue });
  if (flags.json) {
    process.stdout.write(`${JSON.stringify(found, undefined, 2)}\n`);
    return;
  }
  const { counts, workers, active, dead } = found;
  const lines = [
    Object.entries(counts)
      .map(([state, count]) => `${count} ${state}`)
      .join(', '),
    `${workers.length} workers${workers.length === 0 ? '' : `: ${workers.join(', ')}`}`,
    ...active.map(
      ({ output, attempt, said }) =>
        `  ${output}, attempt ${attempt}${said === undefined ? '' : `: ${said}`}`,
    ),
    `${dead.length} dead letters`,
    ...dead.map(({ bags, attempts, message }) => `  ${bags.join(', ')}, ${attempts} attempts: ${message}`),
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
}

function redisOf({ redis }: { readonly redis?: string }): string {
  if (redis !== undefined) return redis;
  throw new NodeError('give `--redis redis://HOST[:PORT]`, or set RXDEPTH_REDIS', { field: '--redis' });
}

function rate(text: string): { count: number; seconds: number } {
  const [, count = 0, seconds = 0] = (/^(\d{1,9})\/(\d{1,9})$/.exec(text) ?? []).map(Number);
  if (count >= 1 && seconds >= 1) return { count, seconds };
  throw new InvalidArgumentError('expected `COUNT/SECONDS`, both whole numbers of at least 1.');
}
