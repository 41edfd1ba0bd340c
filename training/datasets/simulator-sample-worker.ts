import { parentPort, workerData } from 'node:worker_threads';
import { domainNamed } from '../simulator/domains.js';
import { simulateSnapshot } from '../simulator/snapshot.js';
import { SampleStore } from './sample-store.js';
import type { FillWorkerData } from './simulator-samples.js';

/** Worker thread that renders snapshots into a store. */
const port = parentPort;
if (port === null) throw new Error('simulator-sample-worker runs as a worker thread');
const { folder, domain: name, description } = workerData as FillWorkerData;
const domain = domainNamed(name);
const store = SampleStore.open(folder, description);

port.on('message', (index: number) => {
  const { width, height, seed } = description;
  store.write(index, simulateSnapshot({ domain, seed: seed + index, width, height }));
  port.postMessage(index);
});
