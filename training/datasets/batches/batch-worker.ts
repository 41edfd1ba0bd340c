import { parentPort, workerData } from 'node:worker_threads';
import { Random } from '../../simulator/random.js';
import { SampleStore } from '../stores/sample-store.js';
import { type Batch, type BatchOptions, emptyBatch, fillBatch } from './batch.js';
import { buffersOf } from './batch-buffers.js';
import type { BatchReply, BatchRequest } from './batch-loader.js';
import { BatchOrder, shapeOfStep } from './batch-order.js';
import type { SampleBatchOptions } from './sample-batches.js';

/** Worker thread of the batch loader: reads, augments and lays out whole batches. */
const port = parentPort;
if (port === null) throw new Error('batch-worker runs as a worker thread');
const { folder, description, indices, batches, seed } = workerData as SampleBatchOptions;
const store = SampleStore.open(folder, description);
const order = new BatchOrder(indices, seed);

port.on('message', ({ step, recycled }: BatchRequest<Batch>) => {
  const options = batches[shapeOfStep(step, batches.length)] as BatchOptions; // never empty
  const batch = recycled ?? emptyBatch(options);
  for (let i = 0; i < options.batchSize; i++) {
    const position = step * options.batchSize + i;
    fillBatch(batch, i, store.read(order.at(position)), options, new Random(seed + 1, position));
  }
  const reply: BatchReply<Batch> = { step, batch };
  port.postMessage(reply, buffersOf(batch));
});
