/** Part of the image that counts; rows and columns from `top`/`left` up to, not including, `bottom`/`right`. */
export interface CropWindow {
  readonly top: number;
  readonly bottom: number;
  readonly left: number;
  readonly right: number;
}

export type CropName = 'garg' | 'eigen' | 'nyuv2' | 'make3d' | 'none';

export const CROP_NAMES: readonly CropName[] = ['garg', 'eigen', 'nyuv2', 'make3d', 'none'];

/** Fractions of the image's height (top, bottom) and width (left, right). */
const FRACTIONS = {
  /** Source: Garg et al., "Unsupervised CNN for single view depth estimation" (2016). */
  garg: [0.40810811, 0.99189189, 0.03594771, 0.96405229],
  /** Source: Eigen et al. (2014), as given in fractions by Godard et al. (2017). */
  eigen: [0.3324324, 0.91351351, 0.0359477, 0.96405229],
  /** Rows 45 to 471 and columns 41 to 601 of 480x640. Source: Eigen et al. (2014), for NYUv2. */
  nyuv2: [45 / 480, 471 / 480, 41 / 640, 601 / 640],
  /** The middle, twice as wide as high, of 2272x1704. Source: Godard et al. (2017), for Make3D. */
  make3d: [710 / 2272, 1562 / 2272, 0, 1],
  none: [0, 1, 0, 1],
} as const;

/** The window of a named crop in an image of this size, its bounds rounded down as the published evaluations do. */
export function cropWindow(name: CropName, height: number, width: number): CropWindow {
  const [top, bottom, left, right] = FRACTIONS[name];
  return {
    top: Math.floor(top * height),
    bottom: Math.floor(bottom * height),
    left: Math.floor(left * width),
    right: Math.floor(right * width),
  };
}
