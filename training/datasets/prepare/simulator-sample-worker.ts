import { parentPort, workerData } from 'node:worker_threads';
import { domainNamed } from '../../simulator/domains.js';
import { simulateSnapshot } from '../../simulator/snapshot.js';
import { SampleStore } from '../stores/sample-store.js';
import { parseDomainMix } from './domain-mix.js';
import type { FillWorkerData } from './simulator-samples.js';

/** Worker thread that renders snapshots into a store. */
const port = parentPort;
if (port === null) throw new Error('simulator-sample-worker runs as a worker thread');
const { folder, domain, description } = workerData as FillWorkerData; // what `fill` sends
const domainOf = parseDomainMix(domain, description.count);
const store = SampleStore.open(folder, description);

port.on('message', (index: number) => {
  const { width, height, seed } = description;
  const options = { domain: domainNamed(domainOf(index)), seed: seed + index, width, height };
  store.write(index, simulateSnapshot(options));
  port.postMessage(index);
});
