import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { RedisServer } from '../test/nodes/fleet/redis-server.js';
import { killedWorkers } from './fleet/killed-workers.js';
import { simulatedJobs } from './fleet/simulated-jobs.js';

/**
 * `npm run bench:fleet -- [PARTS] [SEED]`: a fleet on a queue. `kills`: 200 short bags through 4 workers, 10 of which are killed
 * by SIGKILL at random moments, Redis killed and started again once. `throughput`: 40 bags through 1, 2 and 4 workers.
 * `simulated`: 100,000 jobs without inference. Needs redis-server. The last line is one JSON object.
 */
const [parts = 'kills,throughput,simulated', seed = '1'] = process.argv.slice(2);
if (!RedisServer.isThere()) throw new Error('bench:fleet needs redis-server on the PATH');
const root = await mkdtemp(path.join(os.tmpdir(), 'rxdepth-bench-fleet-'));
const wants = (part: string) => parts.split(',').includes(part);

/** Numerical Recipes' generator: the same moments for the same seed. */
let state = Number(seed) >>> 0;
const random = (): number => {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
  return state / 2 ** 32;
};

try {
  const kills = wants('kills')
    ? await killedWorkers(path.join(root, 'kills'), {
        ...{ bags: 200, workers: 4, kills: 10, restart: true, random },
      })
    : undefined;
  if (kills !== undefined) console.table([kills]);
  const throughput = [];
  for (const workers of wants('throughput') ? [1, 2, 4] : []) {
    const options = { bags: 40, workers, kills: 0, restart: false, random };
    throughput.push(await killedWorkers(path.join(root, `throughput-${workers}`), options));
  }
  if (throughput.length > 0) console.table(throughput, ['workers', 'bags', 'seconds', 'bagsASecond']);
  const simulated = wants('simulated')
    ? await simulatedJobs(path.join(root, 'simulated'), 100_000)
    : undefined;
  if (simulated !== undefined) console.table([simulated]);
  console.log(JSON.stringify({ kills, throughput, simulated }));
} finally {
  await rm(root, { recursive: true, force: true });
}
