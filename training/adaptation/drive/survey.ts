import type { ModelRunner } from '../../../models/model-runner.js';
import { type DepthFrame, depthFrame, directPose } from '../../../vision/direct-pose.js';
import { type SlopedLevel, slopedPyramid } from '../../../vision/sloped-pyramid.js';
import { SampleStore, type StoreDescription } from '../../datasets/stores/sample-store.js';
import { DYNAMIC_CLASSES } from '../../losses/dynamic-masks.js';
import { medianParallax } from './parallax.js';
import { type PictureQuality, pictureDifference, pictureQuality } from './picture-quality.js';
import { type PinholeView, viewPicture } from './pinhole-view.js';
import type { DriveImage } from './read-drive.js';

/** Levels of the pyramids: at 512x160 the coarsest has 32x10 pixels. */
export const PYRAMID_LEVELS = 5;
/** Motion from frame to frame is only needed roughly. */
const SURVEY_LEVEL = 2;

/** A frame of a drive, seen in the pinhole view; picture, the parent's depth and labels lie in the store. */
export interface SurveyedFrame {
  /** In the store. */
  readonly index: number;
  /** Index among the images of its drive. */
  readonly image: number;
  readonly stampNs: bigint;
  readonly quality: PictureQuality;
  /** Motion from the frame before; undefined for the first frame and after frames that were left out. */
  readonly motion?: FrameMotion;
}

export interface FrameMotion {
  /** Mean absolute difference of the pictures, 0..1. */
  readonly difference: number;
  /** Pixels; undefined when no motion explains both pictures. */
  readonly parallaxPixels?: number;
  /** Residual of the aligned pictures; see DirectPose. */
  readonly residual?: number;
}

export interface SurveyOptions {
  /** Images of the drive, in time order. */
  readonly images: AsyncIterable<DriveImage> | Iterable<DriveImage>;
  readonly view: PinholeView;
  readonly parent: ModelRunner;
  readonly store: { readonly folder: string; readonly description: StoreDescription };
  /** Position of the drive's first frame in the store, and the most frames it may take. */
  readonly first: number;
  readonly most: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (frames: number) => void;
}

/**
 * Looks through a drive once. It brings its frames into the view, runs the parent on them, and keeps both in the store. It
 * estimates how the camera moved from frame to frame.
 */
export async function surveyDrive(options: SurveyOptions): Promise<SurveyedFrame[]> {
  const { images, view, parent, store: where, first, most } = options;
  const store = SampleStore.open(where.folder, where.description);
  const frames: SurveyedFrame[] = [];
  let before: { readonly frame: DepthFrame; readonly source: number } | undefined;
  try {
    for await (const { index: source, stampNs, picture } of images) {
      if (options.signal?.aborted || frames.length >= most) break;
      const seen = viewPicture(view, picture);
      const { depth, labels } = await parent.run(seen, view.intrinsics);
      const { width, height, intrinsics } = view;
      const index = first + frames.length;
      store.write(index, {
        ...{ width, height, intrinsics, rgb: seen.rgb, depthMeters: depth },
        labels: labels ?? new Uint8Array(width * height).fill(255),
      });
      const grey = slopedPyramid(seen, PYRAMID_LEVELS);
      const frame = depthFrame(grey, depth, staticWeight(labels, depth.length), intrinsics);
      const motion = before?.source === source - 1 ? frameMotion(before.frame, grey) : undefined;
      frames.push({
        index,
        image: source,
        stampNs,
        quality: pictureQuality(grey[1]),
        ...(motion && { motion }),
      });
      before = { frame, source };
      options.onProgress?.(frames.length);
      await new Promise((resolve) => setImmediate(resolve));
    }
  } finally {
    store.close();
  }
  return frames;
}

/** 1 where a pixel belongs to no dynamic class; everywhere when nobody knows. */
export function staticWeight(labels: Uint8Array | undefined, pixels: number): Float32Array {
  const weight = new Float32Array(pixels).fill(1);
  if (labels === undefined) return weight;
  for (let i = 0; i < pixels; i++) if (DYNAMIC_CLASSES.includes(labels[i])) weight[i] = 0;
  return weight;
}

const ROAD = 0;
/** A road of which less is seen does not tell the motion. */
const LEAST_ROAD = 0.1;

/** 1 on the road; undefined where there is hardly any. */
export function roadWeight(labels: Uint8Array): Float32Array | undefined {
  const weight = Float32Array.from(labels, (label) => (label === ROAD ? 1 : 0));
  const share = weight.reduce((sum, value) => sum + value, 0) / weight.length;
  return share < LEAST_ROAD ? undefined : weight;
}

function frameMotion(before: DepthFrame, grey: readonly SlopedLevel[]): FrameMotion {
  const difference = pictureDifference(before.grey[1], grey[1]);
  const pose = directPose(before, grey, 1, SURVEY_LEVEL);
  if (pose === undefined) return { difference };
  const parallaxPixels = medianParallax(before, pose.sourceFromTarget);
  return { difference, parallaxPixels, residual: pose.residual };
}
