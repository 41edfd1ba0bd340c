import type { Manifest } from '../../../models/manifest.js';
import type { CameraModel } from '../../../msgs/camera/camera-model.js';
import type { Intrinsics } from '../../../msgs/camera/intrinsics.js';
import { type RgbPicture, rgbPicture } from '../../../msgs/picture/rgb-picture.js';
import { TrainingError } from '../../errors.js';
import { cameraPositions } from './camera-positions.js';

/**
 * A camera's images as a pinhole camera without distortion and with square pixels would have taken them, at the network's
 * size. It is the geometry in which drives are learned from and judged.
 */
export interface PinholeView {
  readonly width: number;
  readonly height: number;
  /** fx = fy. */
  readonly intrinsics: Intrinsics;
  /** Size of the camera's images. */
  readonly camera: { readonly width: number; readonly height: number };
  /** [height, width, 2]: column and row of the camera's image that each pixel shows; not limited to the image. */
  readonly from: Float32Array;
  /** Camera pixels per pixel, at the principal point. */
  readonly step: number;
}

interface Size {
  readonly width: number;
  readonly height: number;
}

/** Width by height of a camera's images if its pixels were square. */
export function aspectOf({ intrinsics: { fx, fy } }: CameraModel, camera: Size): number {
  return (camera.width * fy) / (camera.height * fx);
}

/** The size that fits a model: about as many pixels as its network sees, sides that are multiples of what it asks for. */
export function viewSize({ pixels, multiple }: Manifest['input'], aspect: number): Size {
  const side = (length: number) => Math.max(1, Math.round(length / multiple)) * multiple;
  return { width: side(Math.sqrt(pixels * aspect)), height: side(Math.sqrt(pixels / aspect)) };
}

/**
 * The view that fits a model. The image fills it; what is too much of its width or height is cut off evenly.
 * @param size of the view; the one that fits the camera best where left out.
 * @throws TrainingError when the intrinsics cannot be of a camera that saw these images.
 */
export function pinholeView(
  input: Manifest['input'],
  model: CameraModel,
  camera: Size,
  size: Size = viewSize(input, aspectOf(model, camera)),
): PinholeView {
  const { fx, fy, cx, cy } = model.intrinsics;
  checkIntrinsics(model.intrinsics, camera);
  const [w, h] = [camera.width, (camera.height * fx) / fy];
  const { width, height } = size;
  const step = Math.min(w / width, h / height);
  const focal = fx / step;
  // The middle of the view shows the middle of the image.
  const centre = (length: number, size: number, principal: number, pixel: number) =>
    (size - 1) / 2 + (principal - (length - 1) / 2) / pixel;
  const intrinsics = {
    fx: focal,
    fy: focal,
    cx: centre(camera.width, width, cx, step),
    cy: centre(camera.height, height, cy, (step * fy) / fx),
  };
  const from = cameraPositions(model, size, intrinsics);
  return { width, height, intrinsics, camera, from, step };
}

/** No lens of a vehicle has a wider or narrower view than these. */
const WIDEST_DEGREES = 150;
const NARROWEST_DEGREES = 8;

function checkIntrinsics(
  { fx, fy, cx, cy }: Intrinsics,
  { width, height }: { readonly width: number; readonly height: number },
): void {
  const degrees = (2 * Math.atan(width / (2 * fx)) * 180) / Math.PI;
  const problem = !(degrees < WIDEST_DEGREES && degrees > NARROWEST_DEGREES)
    ? `a field of view of ${degrees.toFixed(1)} degrees, expected \`${NARROWEST_DEGREES} to ${WIDEST_DEGREES}\``
    : !(fx / fy > 0.5 && fx / fy < 2)
      ? `fx / fy = ${(fx / fy).toFixed(3)}, expected \`0.5 to 2\``
      : !(cx > 0 && cx < width && cy > 0 && cy < height)
        ? `a principal point of (${cx.toFixed(1)}, ${cy.toFixed(1)}), expected \`inside the image\``
        : undefined;
  if (problem !== undefined) {
    throw new TrainingError(
      `The camera's intrinsics are broken: for images of ${width}x${height}, fx ${fx} and fy ${fy} mean ${problem}.`,
    );
  }
}

/** Resamples a camera picture into the view: the mean over the camera pixels under each pixel, black outside the image. */
export function viewPicture(view: PinholeView, picture: RgbPicture): RgbPicture {
  const { width: w, height: h } = view.camera;
  if (picture.width !== w || picture.height !== h) {
    throw new TrainingError(
      `expected images of \`${w}x${h}\` all along, got ${picture.width}x${picture.height}.`,
    );
  }
  const result = rgbPicture(view.width, view.height);
  const { from } = view;
  const taps = Math.max(1, Math.ceil(view.step));
  for (let i = 0; i < view.width * view.height; i++) {
    const u = from[2 * i];
    const v = from[2 * i + 1];
    if (!(u > -0.5 && v > -0.5 && u < w - 0.5 && v < h - 0.5)) continue;
    let [red, green, blue] = [0, 0, 0];
    // A grid of taps over the area, each interpolated bilinearly.
    for (let a = 0; a < taps; a++) {
      const y = clamp(v + ((a + 0.5) / taps - 0.5) * view.step, h - 1);
      const y0 = Math.min(y | 0, h - 2);
      const fy = y - y0;
      for (let b = 0; b < taps; b++) {
        const x = clamp(u + ((b + 0.5) / taps - 0.5) * view.step, w - 1);
        const x0 = Math.min(x | 0, w - 2);
        const fx = x - x0;
        const at = 3 * (y0 * w + x0);
        const below = at + 3 * w;
        const w00 = (1 - fx) * (1 - fy);
        const w01 = fx * (1 - fy);
        const w10 = (1 - fx) * fy;
        const w11 = fx * fy;
        const { rgb } = picture;
        red += w00 * rgb[at] + w01 * rgb[at + 3] + w10 * rgb[below] + w11 * rgb[below + 3];
        green += w00 * rgb[at + 1] + w01 * rgb[at + 4] + w10 * rgb[below + 1] + w11 * rgb[below + 4];
        blue += w00 * rgb[at + 2] + w01 * rgb[at + 5] + w10 * rgb[below + 2] + w11 * rgb[below + 5];
      }
    }
    const count = taps * taps;
    result.rgb[3 * i] = red / count + 0.5;
    result.rgb[3 * i + 1] = green / count + 0.5;
    result.rgb[3 * i + 2] = blue / count + 0.5;
  }
  return result;
}

/** Values of a map of the camera's size (depths, labels) at the nearest pixels; `outside` where the view shows none. */
export function viewMap<T extends Float32Array | Uint8Array>(view: PinholeView, map: T, outside: number): T {
  const { width: w, height: h } = view.camera;
  const length = view.width * view.height;
  const result = new (map.constructor as new (length: number) => T)(length); // a typed array of its class
  for (let i = 0; i < result.length; i++) {
    const column = Math.round(view.from[2 * i]);
    const row = Math.round(view.from[2 * i + 1]);
    const inside = column >= 0 && row >= 0 && column < w && row < h;
    result[i] = inside ? map[row * w + column] : outside;
  }
  return result;
}

function clamp(value: number, high: number): number {
  return value < 0 ? 0 : Math.min(value, high);
}
