import { parentPort, workerData } from 'node:worker_threads';
import { buffersOf } from './batch-buffers.js';
import type { BatchReply, BatchRequest } from './batch-loader.js';
import type { JointBatch } from './joint-batch.js';
import { type JointBatchesOptions, JointBatchMaker } from './joint-batches.js';

/** Worker thread that makes joint batches. */
const port = parentPort;
if (port === null) throw new Error('joint-batch-worker runs as a worker thread');
const maker = new JointBatchMaker(workerData as JointBatchesOptions);
/** One batch after another: the order of the samples remembers its latest epoch. */
let busy: Promise<void> = Promise.resolve();

port.on('message', ({ step, recycled }: BatchRequest<JointBatch>) => {
  busy = busy.then(async () => {
    const batch = await maker.make(step, recycled);
    const reply: BatchReply<JointBatch> = { step, batch };
    port.postMessage(reply, buffersOf(batch));
  });
});
