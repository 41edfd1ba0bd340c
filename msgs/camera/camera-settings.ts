import type { CameraKind } from './camera-kind.js';
import type { Intrinsics } from './intrinsics.js';

/** What a user says about a camera and how its images are to be read; what is left out is found, or has a default. */
export interface CameraSettings {
  readonly image?: string | undefined;
  readonly cameraInfo?: string | undefined;
  readonly cameraKind?: CameraKind | undefined;
  /** Instead of camera_info, for images without distortion. */
  readonly intrinsics?: Intrinsics | undefined;
  /** Bits that the numbers of 16-bit images use, in their low bits; 16 when left out. */
  readonly bitDepth?: number | undefined;
  /** Pixels of the largest jpeg or png that is decoded; in proportion to the camera_info when left out. */
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
