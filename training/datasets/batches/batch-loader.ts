import { startWorker, type Worker } from '../../../models/start-worker.js';
import { TrainingError } from '../../errors.js';
import { buffersOf } from './batch-buffers.js';
import { shapeOfStep } from './batch-order.js';

export interface LoaderOptions {
  /** Worker thread that answers a `BatchRequest` by a `BatchReply`, and what it is told when it starts. */
  readonly worker: URL;
  readonly workerData: unknown;
  /** Number of shapes of batches, see `shapeOfStep`. */
  readonly shapes: number;
  /** What is read, for messages of failures. */
  readonly source: string;
}

export interface BatchRequest<B> {
  readonly step: number;
  readonly recycled?: B;
}

export interface BatchReply<B> {
  readonly step: number;
  readonly batch: B;
}

/** Batches in the making at once: the next ones are ready while a step computes. */
const AHEAD = 3;

/** Makes the batches (records of typed arrays) of consecutive steps in a worker thread, a few ahead. */
export class BatchLoader<B extends object> {
  readonly #worker: Worker;
  readonly #ready = new Map<number, B>();
  readonly #spare: B[][];
  readonly #shapes: number;
  #requested: number;
  #failure: Error | undefined;
  #wake: (() => void) | undefined;

  /** @param firstStep the first step whose batch will be asked for. */
  constructor({ worker, workerData, shapes, source }: LoaderOptions, firstStep: number) {
    this.#requested = firstStep;
    this.#shapes = shapes;
    this.#spare = Array.from({ length: shapes }, () => []);
    this.#worker = startWorker(worker, { workerData });
    this.#worker.on('message', ({ step, batch }: BatchReply<B>) => {
      this.#ready.set(step, batch);
      this.#wake?.();
    });
    this.#worker.on('error', (error) => {
      this.#failure = new TrainingError(`reading training samples from ${source} failed: ${error.message}`, {
        cause: error,
      });
      this.#wake?.();
    });
  }

  /** The batch of `step`; steps are asked for in order. @throws TrainingError when the samples cannot be read. */
  async next(step: number): Promise<B> {
    for (; this.#requested < step + AHEAD; this.#requested++) {
      const recycled = this.#spare[shapeOfStep(this.#requested, this.#shapes)]?.pop();
      const request: BatchRequest<B> = {
        step: this.#requested,
        ...(recycled === undefined ? {} : { recycled }),
      };
      this.#worker.postMessage(request, recycled === undefined ? [] : buffersOf(recycled));
    }
    for (;;) {
      if (this.#failure !== undefined) throw this.#failure;
      const batch = this.#ready.get(step);
      if (batch !== undefined) {
        this.#ready.delete(step);
        return batch;
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** Gives the memory of a step's batch back for a later one. */
  recycle(step: number, batch: B): void {
    this.#spare[shapeOfStep(step, this.#shapes)]?.push(batch);
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }
}
