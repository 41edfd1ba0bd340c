import type { CameraKind } from './camera-kind.js';
import type { Intrinsics } from './intrinsics.js';

/** A user's settings for a camera and for the decoding of its images. Absent settings are found or have a default. */
export interface CameraSettings {
  /** Topic of the image. */
  readonly image?: string | undefined;
  /** Topic of the camera_info. */
  readonly cameraInfo?: string | undefined;
  /** Whether the images are raw or rectified. */
  readonly cameraKind?: CameraKind | undefined;
  /** Intrinsics in pixels, in place of a camera_info, for images without distortion. */
  readonly intrinsics?: Intrinsics | undefined;
  /** Number of low bits that 16-bit images use, 1 to 16; default 16. */
  readonly bitDepth?: number | undefined;
  /** Pixels of the largest jpeg or png to decode; default: in proportion to the camera_info. */
  readonly maxPixels?: number | undefined;
}

/** The numbers among them: the one place that flags, options of data and parameters of nodes come from. */
export const CAMERA_NUMBERS = {
  bitDepth: {
    least: 1,
    most: 16,
    description: 'bits that the numbers of 16-bit images use, in their low bits',
    otherwise: '16',
  },
  maxPixels: {
    least: 1,
    most: 2 ** 30,
    description: 'pixels of the largest jpeg or png that is decoded',
    otherwise: '4 times what camera_info says, at most 64 million',
  },
} as const;
