import type { StoreDescription } from '../../datasets/stores/sample-store.js';
import type { SparseDepth } from '../../datasets/stores/sparse-depth.js';
import type { PinholeView } from '../drive/pinhole-view.js';
import type { DriveTriplet } from '../drive/select-triplets.js';

/** Recorded pictures that nobody learned from: parts of the drives that were learned from, or another drive. */
export interface JudgedDrive {
  readonly name: string;
  /** Pictures with the parent's depth and labels, as `surveyDrive` writes them. */
  readonly store: { readonly folder: string; readonly description: StoreDescription };
  /** Views of every recording in the drive; all have one size. */
  readonly views: readonly Pick<PinholeView, 'width' | 'height' | 'intrinsics'>[];
  /** In the order of time. */
  readonly triplets: readonly DriveTriplet[];
  /** Height of the camera over the road, metres; undefined if unknown. */
  readonly cameraHeight?: number | undefined;
  /** Measured depths in the view, by frame of the store. */
  readonly truth?: ReadonlyMap<number, SparseDepth>;
}
