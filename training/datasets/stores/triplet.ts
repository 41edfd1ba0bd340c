import type { Intrinsics } from '../../../msgs/camera/intrinsics.js';

/** Three frames of one camera in temporal order: what self-supervised depth is learned from. */
export interface Triplet {
  readonly width: number;
  readonly height: number;
  /** [H, W, 3], sRGB: the frame whose depth is learned, the one before and the one after. */
  readonly target: Uint8Array;
  readonly previous: Uint8Array;
  readonly next: Uint8Array;
  /** Intrinsics of these pictures, pixel centres at integers. */
  readonly intrinsics: Intrinsics;
  /** Labels of the target, for validation alone: [H, W] trainIds, 255 is unlabelled. */
  readonly labels?: Uint8Array;
  /** Depth of the target, for validation alone: [H, W] camera z in metres, Infinity where there is no surface, NaN unknown. */
  readonly depthMeters?: Float32Array;
}

/** The triplets of a data set, all of one size; any of them at any time. */
export interface TripletSource {
  readonly count: number;
  /** @throws TrainingError naming what cannot be read. */
  read(index: number): Promise<Triplet>;
  close(): void;
}
