import { parentPort, workerData } from 'node:worker_threads';
import { buffersOf } from '../../datasets/batches/batch-buffers.js';
import type { BatchReply, BatchRequest } from '../../datasets/batches/batch-loader.js';
import {
  type AdaptationBatch,
  type AdaptationBatchesOptions,
  AdaptationBatchMaker,
} from './adaptation-batches.js';

/** Worker thread that makes the batches of an adaptation. */
const port = parentPort;
if (port === null) throw new Error('adaptation-batch-worker runs as a worker thread');
const maker = new AdaptationBatchMaker(workerData as AdaptationBatchesOptions);

port.on('message', ({ step, recycled }: BatchRequest<AdaptationBatch>) => {
  const batch = maker.make(step, recycled);
  const reply: BatchReply<AdaptationBatch> = { step, batch };
  port.postMessage(reply, buffersOf(batch));
});
