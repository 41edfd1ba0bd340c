import type { Intrinsics } from '../../../msgs/camera/intrinsics.js';
import type { RigidTransform } from '../../../msgs/camera/rigid-transform.js';
import type { GreyPyramid } from '../../../vision/grey-pyramid.js';

/** What moves by itself, or nothing that does: the values of `kinds`. */
export const KIND = { none: 0, vehicle: 1, person: 2 } as const;

/** A frame as the judge of motion sees it; all maps at the network's resolution, row by row. */
export interface MotionView {
  readonly stampNs: bigint;
  readonly height: number;
  readonly width: number;
  /** In pixels of these maps, pixel centres at integers. */
  readonly intrinsics: Intrinsics;
  readonly grey: GreyPyramid;
  /** [H, W] camera z, in the unit of the poses; +Inf where there is nothing in range. */
  readonly depth: Float32Array;
  /** [H, W] KIND of each pixel's class. */
  readonly kinds: Uint8Array;
  /** [H, W] how far the depth may be trusted, 0..255; absent where the model does not tell. */
  readonly confidence?: Uint8Array;
  /** Where the camera was; a chain of the poses between adjacent frames, so only differences mean something. */
  readonly worldFromCamera: RigidTransform;
}
