import { parentPort } from 'node:worker_threads';
import { buffersOf } from './batch-buffers.js';
import type { BatchReply, BatchRequest } from './batch-loader.js';

/** What a worker thread of a `BatchLoader` does: answers every request by a batch, one after another. */
export function serveBatches<B extends object>(make: (step: number, recycled?: B) => Promise<B> | B): void {
  const port = parentPort;
  if (port === null) throw new Error('batches are served in a worker thread');
  // One after another: the order of the samples remembers its latest epoch.
  let busy: Promise<void> = Promise.resolve();
  port.on('message', ({ step, recycled }: BatchRequest<B>) => {
    busy = busy.then(async () => {
      const batch = await make(step, recycled);
      const reply: BatchReply<B> = { step, batch };
      port.postMessage(reply, buffersOf(batch));
    });
  });
}
