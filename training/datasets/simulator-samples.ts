import { Worker } from 'node:worker_threads';
import { TrainingError } from '../errors.js';
import { SampleStore, type StoreDescription } from './sample-store.js';

export interface FillOptions {
  readonly folder: string;
  /** One domain, or several as `parseDomainMix` reads them. */
  readonly domain: string;
  readonly description: StoreDescription;
  readonly workers: number;
  readonly signal?: AbortSignal;
  /** Called with the number of complete samples. */
  readonly onProgress?: (complete: number) => void;
}

/** What the worker is told and answers: an index of a sample. */
export interface FillWorkerData {
  readonly folder: string;
  readonly domain: string;
  readonly description: StoreDescription;
}

/** Renders the samples that the store lacks, with worker threads. Sample i is the snapshot of seed `seed + i`. */
export async function fillWithSimulator(options: FillOptions): Promise<void> {
  const { folder, domain, description, workers, signal, onProgress } = options;
  const store = SampleStore.open(folder, description);
  const queue = store.missing().reverse();
  store.close();
  let complete = description.count - queue.length;
  onProgress?.(complete);
  const run = () =>
    new Promise<void>((resolve, reject) => {
      const workerData: FillWorkerData = { folder, domain, description };
      const worker = new Worker(new URL('./simulator-sample-worker.js', import.meta.url), { workerData });
      const next = () => {
        const index = signal?.aborted ? undefined : queue.pop();
        if (index === undefined) void worker.terminate().then(() => resolve());
        else worker.postMessage(index);
      };
      worker.on('message', () => {
        complete += 1;
        onProgress?.(complete);
        next();
      });
      worker.on('error', (error) => {
        queue.length = 0; // the other workers end after their sample
        reject(new TrainingError(`rendering training samples failed: ${error.message}`, { cause: error }));
      });
      next();
    });
  await Promise.all(Array.from({ length: Math.min(workers, queue.length) }, run));
}
