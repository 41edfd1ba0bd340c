import { SampleStore, type StoreDescription } from '../stores/sample-store.js';
import { fillWithWorkers } from './fill-with-workers.js';

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
  const tasks = store.missing();
  store.close();
  let complete = description.count - tasks.length;
  onProgress?.(complete);
  const workerData: FillWorkerData = { folder, domain, description };
  await fillWithWorkers({
    worker: new URL('./simulator-sample-worker.js', import.meta.url),
    workerData,
    tasks,
    workers,
    signal,
    onDone: () => {
      complete += 1;
      onProgress?.(complete);
    },
  });
}
