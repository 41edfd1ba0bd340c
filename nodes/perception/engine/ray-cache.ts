import type { CameraModel } from '../../../msgs/camera/camera-model.js';
import { rayMap } from '../../../msgs/camera/ray-map.js';

/** Cameras that take turns in one stream; more than a few is not a camera stream. */
const MOST_MAPS = 4;

/** Ray maps of the latest cameras: undistorting every pixel is done once per calibration, size and stride. */
export class RayCache {
  readonly #maps = new Map<string, Float32Array>();

  get(model: CameraModel, height: number, width: number, stride: number): Float32Array {
    const { distortion } = model;
    const key = JSON.stringify([
      model.intrinsics,
      distortion.model,
      [...distortion.d],
      height,
      width,
      stride,
    ]);
    const known = this.#maps.get(key);
    if (known !== undefined) return known;
    const rays = rayMap(model, height, width, stride);
    this.#maps.set(key, rays);
    if (this.#maps.size > MOST_MAPS) {
      const oldest = this.#maps.keys().next();
      if (!oldest.done) this.#maps.delete(oldest.value);
    }
    return rays;
  }
}
