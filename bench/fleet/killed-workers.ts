import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { RedisServer } from '../../test/nodes/fleet/redis-server.js';
import { writeTestModel } from '../../test/nodes/test-model.js';
import { type Command, startCommand } from './command.js';
import { writeShortBags } from './short-bags.js';

export interface KillFigures {
  readonly bags: number;
  readonly workers: number;
  readonly kills: number;
  readonly redisRestarts: number;
  readonly seconds: number;
  readonly bagsASecond: number;
  /** Lines of the ledger that say `done`, the jobs that they are of, and failures. */
  readonly doneLines: number;
  readonly doneJobs: number;
  readonly failed: number;
  readonly exitCode: number | null;
}

export interface KillOptions {
  readonly bags: number;
  readonly workers: number;
  /** Workers that are killed by SIGKILL at random moments; each is replaced. */
  readonly kills: number;
  /** Whether Redis is killed and started again in the middle. */
  readonly restart: boolean;
  /** 0 .. 1, of the next moment. */
  readonly random: () => number;
}

/** Replays short bags by the workers of a queue, some of which are killed. */
export async function killedWorkers(root: string, options: KillOptions): Promise<KillFigures> {
  const folder = path.join(root, 'out');
  for (const each of [root, path.join(root, 'redis')]) await mkdir(each, { recursive: true });
  const model = await writeTestModel(path.join(root, 'model'));
  const bags = await writeShortBags(path.join(root, 'bags'), options.bags);
  await writeFile(path.join(root, 'list'), `${bags.join('\n')}\n`);
  const server = await RedisServer.start(path.join(root, 'redis'));
  const queue = ['--redis', server.url];
  const startWorker = () => startCommand(['fleet', 'worker', ...queue, '--lock-seconds', '5']);
  const workers: Command[] = Array.from({ length: options.workers }, startWorker);
  const ledgerFile = path.join(folder, 'ledger.jsonl');
  const entries = async () =>
    (await readFile(ledgerFile, 'utf8').catch(() => ''))
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as { event: string; job: string });
  const doneNow = async () => (await entries()).filter(({ event }) => event === 'done').length;
  const began = performance.now();
  const asked = startCommand([
    ...['fleet', 'replay', '--list', path.join(root, 'list'), '-o', folder, '--model', model, ...queue],
    ...['--retries', '1', '--replay-flags', '--no-motion --device cpu --threads 1'],
  ]);
  let exitCode: number | null | undefined;
  void asked.ended.then((code) => {
    exitCode = code;
  });
  // Moments by what is done: they spread over the whole run, however fast the machine is.
  const moments = Array.from({ length: options.kills }, () => 0.95 * options.random() * options.bags).sort(
    (a, b) => a - b,
  );
  let [kills, restarts] = [0, 0];
  try {
    while (exitCode === undefined) {
      await new Promise((resolve) => setTimeout(resolve, 200 * options.random()));
      const done = await doneNow();
      const due = moments[kills];
      if (due !== undefined && done >= due) {
        const victim = Math.floor(options.random() * workers.length);
        workers[victim]?.child.kill('SIGKILL');
        workers[victim] = startWorker();
        kills += 1;
        process.stderr.write(`worker ${victim} killed after ${done} bags\n`);
      }
      if (options.restart && restarts === 0 && done >= options.bags / 2) {
        await server.kill();
        await server.start();
        restarts += 1;
        process.stderr.write(`Redis killed and started again after ${done} bags\n`);
      }
    }
    const seconds = (performance.now() - began) / 1000;
    const all = await entries();
    const done = all.filter(({ event }) => event === 'done');
    return {
      ...{ bags: options.bags, workers: options.workers, kills, redisRestarts: restarts, seconds },
      bagsASecond: options.bags / seconds,
      ...{ doneLines: done.length, doneJobs: new Set(done.map(({ job }) => job)).size },
      ...{ failed: all.filter(({ event }) => event === 'failed').length, exitCode },
    };
  } finally {
    for (const { child } of [...workers, asked]) child.kill('SIGKILL');
    await server.kill();
  }
}
