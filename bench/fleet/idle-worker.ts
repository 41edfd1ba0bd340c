import { workOnQueue } from '../../nodes/fleet/queue/work-on-queue.js';

/** Child of simulated-jobs.ts: a worker whose jobs are done at once. `node idle-worker.js REDIS QUEUE CONCURRENCY`. */
const [redis = '', queue = '', concurrency = '1'] = process.argv.slice(2);
const stop = new AbortController();
process.on('SIGTERM', () => stop.abort());
await workOnQueue({
  ...{ redis, queue, concurrency: Number(concurrency), lockSeconds: 30, signal: stop.signal },
  report: () => {},
  run: async () => ({ missing: [] }),
});
