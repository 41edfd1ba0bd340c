import type { CameraInfo } from '../camera-info.js';
import { DEFAULT_MOST_PIXELS } from '../picture/decode-picture.js';

/** A picture may have so many times the pixels of the camera that it is said to come from. */
const MARGIN = 4;

/** Pixels above which a picture of this camera is not decoded: a small file can claim any size. */
export function pixelLimit({ width, height }: Pick<CameraInfo, 'width' | 'height'>): number {
  const calibrated = width * height;
  return calibrated > 0 ? Math.min(DEFAULT_MOST_PIXELS, MARGIN * calibrated) : DEFAULT_MOST_PIXELS;
}
