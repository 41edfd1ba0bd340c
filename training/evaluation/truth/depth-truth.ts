import type { Stamped } from '../../datasets/bag/match-stamps.js';
import type { SparseDepth } from '../../datasets/stores/sparse-depth.js';

/** True depths of a drive, readable as often as wanted. */
export interface DepthTruth {
  readonly kind: 'lidar' | 'depth image';
  readonly topic: string;
  /** How far the stamp of an image may be from its truth's. */
  readonly toleranceNs: bigint;
  read(): AsyncIterable<Stamped<SparseDepth>>;
}
