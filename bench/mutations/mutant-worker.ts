import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { baseBags } from '../../test/msgs/bag/mutations/base-bags.js';
import { type MutantOutcome, readMutant } from '../../test/msgs/bag/mutations/read-mutant.js';

/** What the thread tells of every bag. */
export interface MutantReport {
  readonly seed: number;
  readonly outcome: MutantOutcome;
  readonly ms: number;
}

const { first, end, folder } = workerData as { first: number; end: number; folder: string };
await mkdir(folder);
const bags = await baseBags(folder);
for (let seed = first; seed < end; seed++) {
  const beganMs = performance.now();
  const outcome = await readMutant(bags, seed, join(folder, 'mutant'));
  const report: MutantReport = { seed, outcome, ms: performance.now() - beganMs };
  parentPort?.postMessage(report);
}
