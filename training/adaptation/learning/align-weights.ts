import type { BatchArrays } from '../../datasets/batches/batch-schema.js';
import { loadBatches } from '../../datasets/batches/load-batches.js';
import type { BatchesOptions } from '../../datasets/batches/role-batches.js';
import type { Sizes } from '../../ops/assert-shape.js';
import { Adam } from '../../optimizers/adam.js';
import { reversalStrength } from '../../optimizers/reversal-strength.js';
import { compileUpdate } from '../../runs/compiled-update.js';
import { cosineLearningRate } from '../../runs/learning-rate.js';
import { type StepReport, train } from '../../runs/trainer.js';
import type { Parameters } from '../../weights/parameters.js';
import { ALIGNMENT_BATCH, type AlignmentOptions, alignmentLoss } from './alignment-loss.js';

export interface AlignWeightsOptions {
  /** Changed in place; with those of the domain classifier. */
  readonly parameters: Parameters;
  readonly method: AlignmentOptions;
  readonly batches: BatchesOptions;
  readonly sizes: Sizes;
  /** Peak. */
  readonly learningRate: number;
  /** Whichever ends first. */
  readonly seconds: number;
  readonly steps: number;
  readonly threads: number;
  readonly signal: AbortSignal;
  onStep(report: StepReport, share: number): void;
  /** Shares of the way at which `onSnapshot` may look at the weights as they are then. */
  readonly snapshotAt: readonly number[];
  /** @param steps taken so far. */
  onSnapshot(steps: number): Promise<void>;
}

/** Trains the weights on single pictures by DA-Monodepth's losses until time or steps are used up. @returns the steps taken. */
export async function alignWeights(options: AlignWeightsOptions): Promise<number> {
  const { parameters, method, batches, sizes, seconds, steps, threads } = options;
  const step = await compileUpdate({
    parameters,
    update: {
      ...{ name: 'all', trains: ['encoder', 'depth', 'segmentation', 'domain'] },
      loss: (scope, batch) => alignmentLoss(scope, batch, method),
    },
    ...{ schema: ALIGNMENT_BATCH, sizes, threads },
    // The parent's statistics stay: those of few pictures of one place are not better.
    batchStatistics: false,
  });
  const loader = loadBatches(batches, 0);
  const snapshots = [...options.snapshotAt];
  const began = performance.now();
  const stop = new AbortController();
  const share = (done: number) =>
    Math.min(1, Math.max(done / steps, (performance.now() - began) / 1000 / seconds));
  options.signal.addEventListener('abort', () => stop.abort());
  if (options.signal.aborted) stop.abort();
  try {
    return await train<BatchArrays>({
      parameters,
      firstStep: 0,
      lastStep: steps,
      nextBatch: (at) => loader.next(at),
      recycle: (at, batch) => loader.recycle(at, batch),
      updates: [
        {
          compute: (index, batch) =>
            step.step({ ...batch, reversal: Float32Array.of(reversalStrength(share(index))) }),
          optimizer: new Adam({ clipNorm: 1 }),
          learningRate: (done) =>
            cosineLearningRate(share(done) * 1000, { peak: options.learningRate, steps: 1000, warmup: 30 }),
        },
      ],
      statisticsMomentum: 0,
      signal: stop.signal,
      onStep: async (report) => {
        const at = share(report.step);
        options.onStep(report, at);
        const passed = snapshots.filter((each) => at >= each).length;
        snapshots.splice(0, passed);
        if (passed > 0) await options.onSnapshot(report.step);
        if (at >= 1) stop.abort();
        await new Promise((resolve) => setImmediate(resolve));
      },
    });
  } finally {
    await loader.close();
    await step.release();
  }
}
