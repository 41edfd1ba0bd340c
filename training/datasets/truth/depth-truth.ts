import type { Stamped } from '../bag/match-stamps.js';
import type { SparseDepth } from '../stores/sparse-depth.js';

/** True depths of a drive, readable as often as wanted. */
export interface DepthTruth {
  readonly kind: 'lidar' | 'depth image';
  readonly topic: string;
  /** How far the stamp of an image may be from its truth's. */
  readonly toleranceNs: bigint;
  read(): AsyncIterable<Stamped<SparseDepth>>;
}
