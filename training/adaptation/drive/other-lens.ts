import type { Intrinsics } from '../../../msgs/camera/intrinsics.js';
import type { RgbPicture } from '../../../msgs/picture/rgb-picture.js';
import { type PinholeView, pinholeView, viewMap, viewPicture } from './pinhole-view.js';

/** What a camera_info may have wrong. */
export interface LensError {
  /** True focal length / that of the view. */
  readonly focal: number;
  /** First radial coefficient (plumb_bob) that is left in the view. */
  readonly k1: number;
}

/** A picture in the view, with the depth that a network sees in it, [H, W]. */
export interface ViewedPicture extends RgbPicture {
  readonly depthMeters: Float32Array;
  readonly labels: Uint8Array;
}

/**
 * What was seen in a view, as it is if the camera's lens was another one than its camera_info says. A network's depth grows
 * with the focal length that it is told; a distortion that was left in is taken out.
 */
export function withOtherLens(
  picture: ViewedPicture,
  intrinsics: Intrinsics,
  { focal, k1 }: LensError,
): { readonly picture: ViewedPicture; readonly intrinsics: Intrinsics } {
  const { width, height } = picture;
  const truth = { ...intrinsics, fx: focal * intrinsics.fx, fy: focal * intrinsics.fy };
  const depthMeters = picture.depthMeters.map((z) => focal * z);
  const view = pinholeView(
    // Of the same size: only the distortion goes.
    { pixels: width * height, multiple: 1, mean: [0, 0, 0], std: [1, 1, 1] },
    { intrinsics: truth, distortion: { model: 'plumb_bob', d: [k1, 0, 0, 0, 0] } },
    { width, height },
    { width, height },
  );
  const { from, intrinsics: lens } = k1 === 0 ? halfAPixelOff(view) : view;
  const seen = { ...view, from };
  return {
    picture: {
      ...viewPicture(seen, picture),
      depthMeters: viewMap(seen, depthMeters, Number.NaN),
      labels: viewMap(seen, picture.labels, 255),
    },
    intrinsics: lens,
  };
}

/** Sampled between its pixels as the others are: what is sampled so is smoother, and smoother pictures fit together better. */
function halfAPixelOff({ from, intrinsics }: PinholeView): Pick<PinholeView, 'from' | 'intrinsics'> {
  const { cx, cy } = intrinsics;
  return { from: from.map((at) => at + 0.5), intrinsics: { ...intrinsics, cx: cx - 0.5, cy: cy - 0.5 } };
}
