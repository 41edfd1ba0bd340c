import type { Intrinsics } from '../../../msgs/camera/intrinsics.js';

/** One labelled image of a training set. */
export interface Sample {
  readonly width: number;
  readonly height: number;
  /** [H, W, 3], sRGB. */
  readonly rgb: Uint8Array;
  /** [H, W], camera z in metres; Infinity where there is no surface (sky). */
  readonly depthMeters: Float32Array;
  /** [H, W], trainIds; 255 is unlabelled. */
  readonly labels: Uint8Array;
  readonly intrinsics: Intrinsics;
}
