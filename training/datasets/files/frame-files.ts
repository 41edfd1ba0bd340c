import type { Intrinsics } from '../../../msgs/camera/intrinsics.js';
import type { RigidTransform } from '../../../msgs/camera/rigid-transform.js';
import type { CropName } from './crop.js';

/** Where the true depths of a picture lie, and what turns them into camera z in metres. */
export type DepthFile =
  /** A LiDAR sweep, float32 x, y, z, reflectance a point; to be transformed and projected with `intrinsics`. */
  | {
      readonly kind: 'velodyne';
      readonly file: string;
      readonly cameraFromLidar: RigidTransform;
      readonly intrinsics: Intrinsics;
      /**
       * `cameraZ`: depth along the camera's axis. `monodepth2`: the LiDAR's x and one pixel further up and left, as the
       * published evaluations of the Eigen split have it. Their tables are comparable only with this.
       */
      readonly convention: 'cameraZ' | 'monodepth2';
    }
  /** 16-bit PNG: depth = value / unitsPerMeter, 0 = unknown. */
  | {
      readonly kind: 'depth';
      readonly file: string;
      readonly unitsPerMeter: number;
      /** Where the numbers are in a PNG of several channels; a PNG of one channel is expected where left out. */
      readonly channels?: 'first';
      /** Values from this on mean that nothing is there: the sky. */
      readonly farValue?: number;
    }
  /** 16-bit PNG: disparity = (value - offset) / unitsPerPixel, 0 = unknown; depth = focalBaseline / disparity. */
  | {
      readonly kind: 'disparity';
      readonly file: string;
      readonly unitsPerPixel: number;
      /** Value of what is infinitely far; 0 where left out. */
      readonly offset?: number;
      /** fx times the baseline, pixels times metres. */
      readonly focalBaseline: number;
    }
  /** MATLAB file with Make3D's grid of laser depths, which covers the whole picture. */
  | {
      readonly kind: 'make3d';
      readonly file: string;
      /** Depths beyond count as this; left out: they stay. */
      readonly mostMeters?: number;
    };

/** How a data set's true depths are evaluated where nothing else is asked for. */
export interface DepthProtocol {
  readonly crop: CropName;
  /** Truth from here on does not count, predictions are cut to it. */
  readonly capMeters: number;
  /** Whether predictions are scaled by the ratio of the medians; publications with metric depth do not. */
  readonly medianScaling: boolean;
}

/** Where the true classes of a picture lie. */
export type LabelFile =
  /** An 8-bit PNG of Cityscapes' ids or trainIds. */
  | { readonly file: string; readonly numbers: 'ids' | 'trainIds' }
  /**
   * A PNG of numbers, in the first channel or behind a palette, each of which stands for a class: trainIds by number. Numbers
   * beyond the table are an error.
   */
  | {
      readonly file: string;
      readonly numbers: 'table' | 'palette';
      readonly trainIdByNumber: readonly number[];
    }
  /** A PNG of colours, each of which stands for a class: trainIds by 0xRRGGBB; other colours are an error. */
  | {
      readonly file: string;
      readonly numbers: 'colors';
      readonly trainIdByColor: Readonly<Record<number, number>>;
    };

/**
 * One picture of a data set, as files: plain data, so that workers can be told what to read. What the data set lacks
 * for this picture is absent.
 */
export interface FrameFiles {
  /** Unique in the data set, in its own words: `2011_09_26/2011_09_26_drive_0002_sync 69 l`. */
  readonly name: string;
  readonly picture: string;
  /** The camera's pictures just before and after this one. */
  readonly previous?: string;
  readonly next?: string;
  /** Intrinsics of the picture at its stored size, pixels, pixel centres at integers; the pictures are rectified. */
  readonly intrinsics?: Intrinsics;
  readonly depth?: DepthFile;
  readonly labels?: LabelFile;
}

/** A data set's pictures in its own order. */
export interface FrameSet {
  /** For people: `KITTI raw, 697 frames of eigen_test.txt`. */
  readonly title: string;
  readonly frames: readonly FrameFiles[];
  /** What the true depths are, where frames have any: `LiDAR sweeps, camera z`. */
  readonly depthTruth?: string;
  /** Names of the class sets that the true labels can be measured over; all where left out. */
  readonly classSets?: readonly string[];
  /** Crop of the published evaluations; left out: `garg` for LiDAR sweeps, else none. */
  readonly crop?: 'garg' | 'none';
  /** Where they have more of their own than a crop; it wins. */
  readonly protocol?: DepthProtocol;
  /** What is missing where, one sentence each; empty when everything is there. */
  readonly missing: readonly string[];
}
