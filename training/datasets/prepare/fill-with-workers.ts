import { startWorker } from '../../../models/start-worker.js';
import { TrainingError } from '../../errors.js';

export interface FillWork {
  /** Worker thread that is sent a task's number and answers with it when the task is done, or with what is wrong with its file. */
  readonly worker: URL;
  readonly workerData: unknown;
  readonly tasks: readonly number[];
  readonly workers: number;
  readonly signal?: AbortSignal | undefined;
  readonly onDone: (task: number) => void;
}

/** A task whose file cannot be used. */
export interface FailedTask {
  readonly problem: string;
}

/** So many files that cannot be used are named at once; more are likely all of them. */
const MOST_PROBLEMS = 10;

/**
 * Does numbered tasks in worker threads, in ascending order of their begin; ends early, between two tasks, when aborted.
 * @throws TrainingError naming the files that cannot be used, after the others are done.
 */
export async function fillWithWorkers(work: FillWork): Promise<void> {
  const { worker: url, workerData, workers, signal, onDone } = work;
  const queue = [...work.tasks].reverse();
  const problems: string[] = [];
  const run = () =>
    new Promise<void>((resolve, reject) => {
      const worker = startWorker(url, { workerData });
      const next = () => {
        const task = signal?.aborted ? undefined : queue.pop();
        if (task === undefined) void worker.terminate().then(() => resolve());
        else worker.postMessage(task);
      };
      worker.on('message', (done: number | FailedTask) => {
        if (typeof done === 'number') onDone(done);
        else if (problems.push(done.problem) >= MOST_PROBLEMS) queue.length = 0;
        next();
      });
      worker.on('error', (error) => {
        queue.length = 0; // the other workers end after their task
        reject(new TrainingError(`making training samples failed: ${error.message}`, { cause: error }));
      });
      next();
    });
  await Promise.all(Array.from({ length: Math.min(workers, queue.length) }, run));
  if (problems.length === 0) return;
  const and = problems.length >= MOST_PROBLEMS ? ' There may be more.' : '';
  throw new TrainingError(`making training samples failed: ${problems.sort().join(' ')}${and}`);
}
