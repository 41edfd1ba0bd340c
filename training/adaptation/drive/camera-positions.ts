import type { CameraModel } from '../../../msgs/camera/camera-model.js';
import { distort } from '../../../msgs/camera/distortion.js';
import type { Intrinsics } from '../../../msgs/camera/intrinsics.js';

/**
 * Where a camera's image shows what each pixel of a pinhole view shows.
 * @returns [height, width, 2]: column and row; not limited to the image.
 */
export function cameraPositions(
  model: CameraModel,
  { width, height }: { readonly width: number; readonly height: number },
  view: Intrinsics,
): Float32Array {
  const { fx, fy, cx, cy } = model.intrinsics;
  const from = new Float32Array(width * height * 2);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const ray = distort(model.distortion, (column - view.cx) / view.fx, (row - view.cy) / view.fy);
      const at = 2 * (row * width + column);
      from[at] = fx * ray.x + cx;
      from[at + 1] = fy * ray.y + cy;
    }
  }
  return from;
}
