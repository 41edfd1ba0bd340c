import { readdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { loadModel } from '../../../../models/model-store.js';
import { InferenceEngine } from '../../../../nodes/perception/engine/inference-engine.js';
import type { InferenceRequest } from '../../../../nodes/perception/engine/inference-request.js';
import { SwappableEngine } from '../../../../nodes/perception/engine/swappable-engine.js';
import { testImage, testInfo } from '../../test-messages.js';

/**
 * `node count-swap-threads.js MODEL SWAPS`: swaps models and prints how many threads the kernel counts, as JSON. A process of
 * its own, since test files run as threads of one.
 */
export interface SwapThreads {
  /** With the first model. */
  readonly before: number;
  /** While two models were tried beside each other. */
  readonly most: number;
  /** After the last swap, once no thread more than before was left. */
  readonly after: number;
}

const [folder = '', swaps = ''] = process.argv.slice(2);
const threads = () => readdirSync('/proc/self/task').length;
const request: InferenceRequest = {
  ...{ image: testImage(), info: testInfo(), cameraKind: 'raw', scale: 1 },
  wants: { depth: '32FC1', labels: true, pointStride: 4 },
};
const model = await loadModel(folder);
const open = () =>
  InferenceEngine.open({ graphPath: model.graphPath, device: 'cpu', goal: 'throughput', threads: 2 });
const engine = new SwappableEngine(model, await open());
const infer = async () => (await engine.infer(request)).release();
await infer();
const before = threads();
let most = 0;
for (let made = 0; made < Number(swaps); made++) {
  const swap = engine.swap({ model, engine: await open() });
  most = Math.max(most, threads());
  let swapped = false;
  void swap.then(() => (swapped = true));
  while (!swapped) await infer();
  await swap;
}
await infer();
// The last model before this one still closes; a thread that stays makes whoever waits for this process give up.
while (threads() > before) await sleep(50);
const found: SwapThreads = { before, most, after: threads() };
process.stdout.write(JSON.stringify(found));
await engine.close();
