import type { MotionView } from '../motion/motion-view.js';

/** What of a frame the components are components of. */
export type Scene = Pick<MotionView, 'depth' | 'kinds' | 'height' | 'width' | 'intrinsics'> & {
  /** [H, W] the model's classes. */
  readonly labels: Uint8Array;
  /** [256] metres that a vehicle of each label is long or wide at most. */
  readonly longest: ArrayLike<number>;
};
