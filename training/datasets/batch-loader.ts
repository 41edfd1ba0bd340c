import { Worker } from 'node:worker_threads';
import { TrainingError } from '../errors.js';
import type { Batch, BatchOptions } from './batch.js';
import { shapeOfStep } from './batch-order.js';
import type { StoreDescription } from './sample-store.js';

export interface LoaderOptions {
  readonly folder: string;
  readonly description: StoreDescription;
  /** The samples of the store that are used. */
  readonly indices: readonly number[];
  /** One or two shapes of batches, see `shapeOfStep`. */
  readonly batches: readonly BatchOptions[];
  readonly seed: number;
}

export interface BatchRequest {
  readonly step: number;
  readonly recycled?: Batch;
}

export interface BatchReply {
  readonly step: number;
  readonly batch: Batch;
}

/** Batches in the making at once: the next ones are ready while a step computes. */
const AHEAD = 3;

/** Makes the batches of consecutive steps in a worker thread, a few ahead. */
export class BatchLoader {
  readonly #worker: Worker;
  readonly #ready = new Map<number, Batch>();
  readonly #spare: Batch[][];
  readonly #shapes: number;
  #requested: number;
  #failure: Error | undefined;
  #wake: (() => void) | undefined;

  /** @param firstStep the first step whose batch will be asked for. */
  constructor(options: LoaderOptions, firstStep: number) {
    this.#requested = firstStep;
    this.#shapes = options.batches.length;
    this.#spare = options.batches.map(() => []);
    this.#worker = new Worker(new URL('./batch-worker.js', import.meta.url), { workerData: options });
    this.#worker.on('message', ({ step, batch }: BatchReply) => {
      this.#ready.set(step, batch);
      this.#wake?.();
    });
    this.#worker.on('error', (error) => {
      this.#failure = new TrainingError(
        `reading training samples from ${options.folder} failed: ${error.message}`,
        {
          cause: error,
        },
      );
      this.#wake?.();
    });
  }

  /** The batch of `step`; steps are asked for in order. @throws TrainingError when the samples cannot be read. */
  async next(step: number): Promise<Batch> {
    for (; this.#requested < step + AHEAD; this.#requested++) {
      const recycled = this.#spare[shapeOfStep(this.#requested, this.#shapes)]?.pop();
      const request: BatchRequest = {
        step: this.#requested,
        ...(recycled === undefined ? {} : { recycled }),
      };
      const transfer = recycled === undefined ? [] : Object.values(recycled).map((array) => array.buffer);
      this.#worker.postMessage(request, transfer);
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
  recycle(step: number, batch: Batch): void {
    this.#spare[shapeOfStep(step, this.#shapes)]?.push(batch);
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }
}
