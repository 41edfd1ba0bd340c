import type { BatchArrays } from '../../datasets/batches/batch-schema.js';
import { Adam } from '../../optimizers/adam.js';
import type { CompiledUpdate } from '../../runs/compiled-update.js';
import { cosineLearningRate } from '../../runs/learning-rate.js';
import { type StepReport, train } from '../../runs/trainer.js';
import type { Parameters } from '../../weights/parameters.js';

/** How long weights are trained, and who looks on. */
export interface TrainingBounds {
  /** Whichever ends first. */
  readonly seconds: number;
  readonly steps: number;
  readonly signal?: AbortSignal | undefined;
  /** @param share of the way, 0..1. */
  onStep?(report: StepReport, share: number): void;
  /** Shares of the way at which `onSnapshot` may look at the weights as they are then. */
  readonly snapshotAt?: readonly number[] | undefined;
  /** @param steps taken so far. */
  onSnapshot?(steps: number): Promise<void> | void;
}

/** What is trained, on what. */
export interface BoundedTraining<B extends BatchArrays> {
  /** Changed in place. */
  readonly parameters: Parameters;
  /** Released at the end. */
  readonly update: CompiledUpdate;
  /** Closed at the end. */
  readonly loader: {
    next(index: number): Promise<B>;
    recycle(index: number, batch: B): void;
    close(): Promise<void>;
  };
  /** What the update is given of a batch. */
  feeds(batch: B, share: number): BatchArrays;
  /** Of the learning rate, for a step of so many done. */
  peak(done: number, share: number): number;
  readonly statisticsMomentum: number;
  /** Called between two steps. */
  between?(share: number): Promise<void>;
}

/** Resolution of the schedule, and how long the learning rate rises. */
const SCHEDULE = { steps: 1000, warmup: 30 } as const;

/** Trains weights by one update until time or steps are used up, which the schedule goes by. @returns the steps taken. */
export async function boundedTraining<B extends BatchArrays>(
  { parameters, update, loader, feeds, peak, statisticsMomentum, between }: BoundedTraining<B>,
  bounds: TrainingBounds,
): Promise<number> {
  const { seconds, steps, signal } = bounds;
  const snapshots = [...(bounds.snapshotAt ?? [])];
  const began = performance.now();
  const stop = new AbortController();
  const share = (done: number) =>
    Math.min(1, Math.max(done / steps, (performance.now() - began) / 1000 / seconds));
  signal?.addEventListener('abort', () => stop.abort());
  if (signal?.aborted) stop.abort();
  try {
    return await train<B>({
      parameters,
      firstStep: 0,
      lastStep: steps,
      nextBatch: (at) => loader.next(at),
      recycle: (at, batch) => loader.recycle(at, batch),
      updates: [
        {
          compute: (index, batch) => update.step(feeds(batch, share(index))),
          optimizer: new Adam({ clipNorm: 1 }),
          learningRate: (done) => {
            const at = share(done);
            return cosineLearningRate(at * SCHEDULE.steps, { peak: peak(done, at), ...SCHEDULE });
          },
        },
      ],
      statisticsMomentum,
      signal: stop.signal,
      onStep: async (report) => {
        const at = share(report.step);
        bounds.onStep?.(report, at);
        const passed = snapshots.filter((each) => at >= each).length;
        snapshots.splice(0, passed);
        if (passed > 0) await bounds.onSnapshot?.(report.step);
        if (at >= 1) stop.abort();
        else await between?.(at);
        await new Promise((resolve) => setImmediate(resolve));
      },
    });
  } finally {
    await loader.close();
    await update.release();
  }
}
