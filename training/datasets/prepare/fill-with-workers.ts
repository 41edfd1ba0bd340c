import { startWorker } from '../../../models/start-worker.js';
import { TrainingError } from '../../errors.js';

export interface FillWork {
  /** Worker thread that is sent a task's number and answers with it when the task is done. */
  readonly worker: URL;
  readonly workerData: unknown;
  readonly tasks: readonly number[];
  readonly workers: number;
  readonly signal?: AbortSignal | undefined;
  readonly onDone: (task: number) => void;
}

/** Does numbered tasks in worker threads, in ascending order of their begin; ends early, between two tasks, when aborted. */
export async function fillWithWorkers(work: FillWork): Promise<void> {
  const { worker: url, workerData, workers, signal, onDone } = work;
  const queue = [...work.tasks].reverse();
  const run = () =>
    new Promise<void>((resolve, reject) => {
      const worker = startWorker(url, { workerData });
      const next = () => {
        const task = signal?.aborted ? undefined : queue.pop();
        if (task === undefined) void worker.terminate().then(() => resolve());
        else worker.postMessage(task);
      };
      worker.on('message', (task: number) => {
        onDone(task);
        next();
      });
      worker.on('error', (error) => {
        queue.length = 0; // the other workers end after their task
        reject(new TrainingError(`making training samples failed: ${error.message}`, { cause: error }));
      });
      next();
    });
  await Promise.all(Array.from({ length: Math.min(workers, queue.length) }, run));
}
