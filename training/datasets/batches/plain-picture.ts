import type { ColorChange } from './augmentation.js';
import type { PlaneOptions } from './fill-picture.js';

/** Colours as they are. */
export const UNCHANGED_COLORS: ColorChange = {
  matrix: [1, 0, 0, 0, 1, 0, 0, 0, 1],
  offset: 0,
  gamma: 1,
  noise: 0,
};

/** Values as they are, 0..1. */
export const PLAIN_PLANES: Pick<PlaneOptions, 'mean' | 'std'> = { mean: [0, 0, 0], std: [1, 1, 1] };
