import type { BatchArrays } from '../../datasets/batches/batch-schema.js';
import { Adam } from '../../optimizers/adam.js';
import type { Optimizer } from '../../optimizers/optimizer.js';
import type { CompiledUpdate } from '../../runs/compiled-update.js';
import { type StepReport, train } from '../../runs/trainer.js';
import type { Parameters } from '../../weights/parameters.js';

/** How long weights are trained, and who looks on. */
export interface TrainingBounds {
  /** Whichever ends first: steps, those of earlier nights too, or the time, of which `timeShare` tells how much is used up, 0..1. */
  readonly steps: number;
  timeShare(): number;
  readonly signal?: AbortSignal | undefined;
  /** @param share of the way, 0..1. */
  onStep?(report: StepReport, share: number): void;
  /** Shares of the way at which `onSnapshot` may look at the weights as they are then. */
  readonly snapshotAt?: readonly number[] | undefined;
  /** Whether those are shares of the steps alone; else of the time, too, if that is used up sooner. */
  readonly snapshotsBySteps?: boolean | undefined;
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
  /** What the update is given of a batch. @param done steps taken before. */
  feeds(batch: B, done: number): BatchArrays | Promise<BatchArrays>;
  /** Steps that were taken on earlier nights; 0 where left out. */
  readonly firstStep?: number;
  /** Adam anew where left out. */
  readonly optimizer?: Optimizer;
  /** Learning rate of the step after `done` steps. */
  learningRate(done: number): number;
  readonly statisticsMomentum: number;
  /** Another update of every step, after the first: an adversary. Released at the end. */
  readonly adversary?: {
    readonly update: Pick<CompiledUpdate, 'release'> & { step(): ReturnType<CompiledUpdate['step']> };
    readonly optimizer: Optimizer;
    readonly learningRate: number;
  };
  /** Called between two steps. */
  between?(done: number): Promise<void>;
}

/** Resolution of the schedule, and how long the learning rate rises. */
export const SCHEDULE = { steps: 1000, warmup: 30 } as const;

/** Trains weights by one update until time or steps are used up. @returns the steps taken in all. */
export async function boundedTraining<B extends BatchArrays>(
  training: BoundedTraining<B>,
  bounds: TrainingBounds,
): Promise<number> {
  const { parameters, update, loader, feeds, learningRate, statisticsMomentum, adversary, between } =
    training;
  const { firstStep = 0, optimizer = new Adam({ clipNorm: 1 }) } = training;
  const { steps, timeShare, signal } = bounds;
  const snapshots = (bounds.snapshotAt ?? []).filter((at) => at > firstStep / steps);
  const stop = new AbortController();
  const share = (done: number) => Math.min(1, Math.max(done / steps, timeShare()));
  signal?.addEventListener('abort', () => stop.abort());
  if (signal?.aborted) stop.abort();
  try {
    return await train<B>({
      parameters,
      firstStep,
      lastStep: steps,
      nextBatch: (at) => loader.next(at),
      recycle: (at, batch) => loader.recycle(at, batch),
      updates: [
        {
          ...(adversary && { name: 'networks' }),
          compute: async (index, batch) => update.step(await feeds(batch, index)),
          optimizer,
          learningRate,
        },
        ...(adversary === undefined
          ? []
          : [
              {
                name: 'adversary',
                compute: () => adversary.update.step(),
                optimizer: adversary.optimizer,
                learningRate: () => adversary.learningRate,
              },
            ]),
      ],
      statisticsMomentum,
      signal: stop.signal,
      onStep: async (report) => {
        const at = share(report.step);
        bounds.onStep?.(report, at);
        const way = bounds.snapshotsBySteps ? report.step / steps : at;
        const passed = snapshots.filter((each) => way >= each).length;
        snapshots.splice(0, passed);
        if (passed > 0) await bounds.onSnapshot?.(report.step);
        if (at >= 1) stop.abort();
        else await between?.(report.step);
        await new Promise((resolve) => setImmediate(resolve));
      },
    });
  } finally {
    await loader.close();
    await update.release();
    await adversary?.update.release();
  }
}
