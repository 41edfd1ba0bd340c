import type { DriveQuality } from './drive-quality.js';

/** One seed of the experiment: AbsRel of the source model, of the adapted one and of the oracle, means over the drives. */
export interface ExperimentRow {
  readonly seed: number;
  readonly verdict: string;
  readonly steps: number;
  /** Of the whole `adapt`, rendering of source samples included. */
  readonly minutes: number;
  readonly processorMinutes: number;
  /** On drives of the target domain that nobody saw, and on drives of the source domain. */
  readonly target: Quality;
  readonly source: Quality;
}

export interface Quality {
  readonly before: DriveQuality;
  readonly adapted: DriveQuality;
  readonly oracle: DriveQuality;
}
