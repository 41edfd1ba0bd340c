import type { CameraModel } from '../../../msgs/camera/camera-model.js';
import { scaleIntrinsics } from '../../../msgs/camera/intrinsics.js';
import { cameraPositions } from './camera-positions.js';
import type { PinholeView } from './pinhole-view.js';

/**
 * What a view shows, with about so many pixels: never fewer than the view has, nor more than the camera gave.
 * @param pixels wanted.
 */
export function largerView(view: PinholeView, model: CameraModel, pixels: number): PinholeView {
  const wanted = Math.sqrt(pixels / (view.width * view.height));
  const times = Math.max(1, Math.min(wanted, view.step));
  const width = Math.round(view.width * times);
  const height = Math.round(view.height * times);
  if (width === view.width && height === view.height) return view;
  const intrinsics = scaleIntrinsics(view.intrinsics, width / view.width, height / view.height);
  const from = cameraPositions(model, { width, height }, intrinsics);
  return { ...view, width, height, intrinsics, from, step: (view.step * view.width) / width };
}

/** A map of the larger view at the nearest pixels of the view. */
export function reducedMap<T extends Float32Array | Uint8Array>(
  map: T,
  larger: { readonly width: number; readonly height: number },
  { width, height }: { readonly width: number; readonly height: number },
): T {
  if (larger.width === width && larger.height === height) return map;
  const result = map.slice(0, width * height) as T; // of the same kind
  for (let y = 0; y < height; y++) {
    const row = Math.floor(((y + 0.5) * larger.height) / height) * larger.width;
    for (let x = 0; x < width; x++)
      result[y * width + x] = map[row + Math.floor(((x + 0.5) * larger.width) / width)];
  }
  return result;
}
