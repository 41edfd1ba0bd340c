/**
 * Focal length at which a network's depth is metric, in pixels of a picture of this width. It is 0.58 of it, that of KITTI's
 * camera, so that networks agree on the depth of a picture that is merely resized.
 */
export function canonicalFocalPixels(width: number): number {
  return 0.58 * width;
}
