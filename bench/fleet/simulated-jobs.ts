import { spawn } from 'node:child_process';
import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Redis } from 'ioredis';
import { fleetJob } from '../../nodes/fleet/fleet-job.js';
import { Ledger } from '../../nodes/fleet/ledger.js';
import { queueExecutor } from '../../nodes/fleet/queue/queue-executor.js';
import { treeDigest } from '../../nodes/fleet/tree-digest.js';
import { RedisServer } from '../../test/nodes/fleet/redis-server.js';
import { writeTestModel } from '../../test/nodes/test-model.js';

const WORKER = fileURLToPath(new URL('./idle-worker.js', import.meta.url));
const WORKERS = 2;
const CONCURRENCY = 25;

export interface SimulatedFigures {
  readonly jobs: number;
  readonly seconds: number;
  /** Of everything: queue, workers, ledger. */
  readonly millisecondsAJob: number;
  readonly redisPeakMegabytes: number;
  /** Lines of the ledger that say `done`, and the jobs that they are of. */
  readonly doneLines: number;
  readonly doneJobs: number;
}

/** Jobs that are done at once, without inference: what the queue costs. */
export async function simulatedJobs(root: string, count: number): Promise<SimulatedFigures> {
  const folder = path.join(root, 'out');
  for (const each of [folder, path.join(root, 'redis')]) await mkdir(each, { recursive: true });
  const model = await writeTestModel(path.join(root, 'model'));
  const modelDigest = await treeDigest(model);
  const jobs = Array.from({ length: count }, (_, i) =>
    fleetJob(
      { task: 'evaluate', bags: [`/drives/${i}`], model, flags: [] },
      { bags: [`${i}`], model: modelDigest },
    ),
  );
  const server = await RedisServer.start(path.join(root, 'redis'));
  const settings = { redis: server.url, queue: 'simulated' };
  const workers = Array.from({ length: WORKERS }, () =>
    spawn(process.execPath, [WORKER, settings.redis, settings.queue, String(CONCURRENCY)], {
      stdio: ['ignore', 'inherit', 'inherit'],
    }),
  );
  const ledgerFile = path.join(folder, 'ledger.jsonl');
  const ledger = await Ledger.open(ledgerFile);
  const began = performance.now();
  let ended = 0;
  try {
    await queueExecutor(settings)(jobs, {
      ...{ folder, ledger, retries: 1, signal: new AbortController().signal },
      onEvent: () => {
        ended += 1;
        if (ended % 10_000 === 0)
          process.stderr.write(`${ended} jobs after ${Math.round((performance.now() - began) / 1000)} s\n`);
      },
    });
    const seconds = (performance.now() - began) / 1000;
    const redis = new Redis(server.url);
    const peak = /used_memory_peak:(\d+)/.exec(await redis.info('memory'))?.[1];
    redis.disconnect();
    const done = (await readFile(ledgerFile, 'utf8'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { event: string; job: string })
      .filter(({ event }) => event === 'done');
    return {
      ...{ jobs: count, seconds, millisecondsAJob: (1000 * seconds) / count },
      redisPeakMegabytes: Number(peak) / 1e6,
      ...{ doneLines: done.length, doneJobs: new Set(done.map(({ job }) => job)).size },
    };
  } finally {
    await ledger.close();
    for (const worker of workers) worker.kill('SIGKILL');
    await server.kill();
  }
}
