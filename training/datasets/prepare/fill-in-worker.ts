import { startWorker } from '../../../models/start-worker.js';
import { TrainingError } from '../../errors.js';
import { SampleStore, type StoreDescription } from '../stores/sample-store.js';
import type { Preparation } from './prepared-data.js';

/** Work that one thread does in the order of a recording. */
export interface BagWork {
  /** Worker thread that fills the store; it answers with the number of samples that are passed, now and then. */
  readonly worker: URL;
  /** What it is told. */
  readonly workerData: {
    readonly folder: string;
    readonly description: StoreDescription;
    readonly bag: string;
  };
  /** What the samples are called in the progress, and what is read for them. */
  readonly samples: string;
  readonly reading: string;
}

/** Fills what a store lacks in a worker thread; ends early when aborted. @throws TrainingError when the bag cannot be read. */
export async function fillInWorker(work: BagWork, { signal, report }: Preparation): Promise<void> {
  const { folder, description, bag } = work.workerData;
  const store = SampleStore.open(folder, description);
  const missing = store.missing().length;
  store.close();
  if (missing === 0 || signal?.aborted) return;
  const worker = startWorker(work.worker, { workerData: work.workerData });
  const stop = () => void worker.terminate();
  signal?.addEventListener('abort', stop);
  try {
    await new Promise<void>((resolve, reject) => {
      worker.on('message', (done: number) => report(`${work.samples} ${done}/${description.count}`));
      worker.on('error', (cause) => {
        reject(
          new TrainingError(`${bag}: reading ${work.reading} failed: ${cause.message}`, { file: bag, cause }),
        );
      });
      worker.on('exit', () => resolve());
    });
  } finally {
    signal?.removeEventListener('abort', stop);
  }
}
