import type { Intrinsics } from '../../msgs/camera/intrinsics.js';

/** A picture with its exact truth. Pixel centres lie at integers. */
export interface SimulatedFrame {
  readonly stampNs: bigint;
  readonly width: number;
  readonly height: number;
  /** [H, W, 3], sRGB. */
  readonly rgb: Uint8Array;
  /** [H, W], camera z in metres, Infinity = sky. */
  readonly depthMeters: Float32Array;
  /** [H, W], Cityscapes trainIds, 255 = no class. */
  readonly labels: Uint8Array;
  /** [H, W], 0 = none. */
  readonly instances: Uint16Array;
  readonly movingInstances: ReadonlySet<number>;
  readonly intrinsics: Intrinsics;
  /** 4x4 row major; camera axes x right, y down, z forward; world z up. */
  readonly worldFromCamera: Float64Array;
  /** 4x4 row major; the base lies on the road under the camera, x forward, y left, z up; fixed in a drive. */
  readonly baseFromCamera: Float64Array;
  /** Height of the camera over the road, metres. */
  readonly cameraHeightMeters: number;
}
