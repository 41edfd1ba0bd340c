import sharp from 'sharp';
import type { CameraModel } from '../../../msgs/camera/camera-model.js';
import { distort } from '../../../msgs/camera/distortion.js';
import { cropIntrinsics, type Intrinsics, scaleIntrinsics } from '../../../msgs/camera/intrinsics.js';
import type { RgbPicture } from '../../../msgs/picture/rgb-picture.js';

/** How a camera's pictures become pictures of another size: resized with their aspect ratio kept, cropped, undistorted. */
export interface PictureFit {
  /** Intrinsics of the fitted pictures, pixel centres at integers. */
  readonly intrinsics: Intrinsics;
  /** Size of the resized, not yet cropped pictures. */
  readonly resized: { readonly width: number; readonly height: number };
  readonly window: { readonly left: number; readonly top: number };
  readonly width: number;
  readonly height: number;
  /** Where in the resized picture every pixel lies, u and v, [H, W, 2]; absent without distortion: where the window is. */
  readonly lookups?: Float32Array;
}

/**
 * The fit that covers `width` x `height` by as little cropping as can be, the same on both sides. The lens distortion is
 * removed: the fitted pictures are those of a pinhole camera.
 */
export function fitOf(
  camera: CameraModel,
  size: { readonly width: number; readonly height: number },
  width: number,
  height: number,
): PictureFit {
  const scale = Math.max(width / size.width, height / size.height);
  const resized = {
    width: Math.max(width, Math.round(size.width * scale)),
    height: Math.max(height, Math.round(size.height * scale)),
  };
  const window = {
    left: Math.floor((resized.width - width) / 2),
    top: Math.floor((resized.height - height) / 2),
  };
  const whole = scaleIntrinsics(camera.intrinsics, resized.width / size.width, resized.height / size.height);
  const intrinsics = cropIntrinsics(whole, window.left, window.top);
  const fit = { intrinsics, resized, window, width, height };
  if (camera.distortion.model === 'none') return fit;
  const lookups = new Float32Array(width * height * 2);
  for (let v = 0, at = 0; v < height; v++) {
    for (let u = 0; u < width; u++, at += 2) {
      const ray = { x: (u - intrinsics.cx) / intrinsics.fx, y: (v - intrinsics.cy) / intrinsics.fy };
      const seen = distort(camera.distortion, ray.x, ray.y);
      lookups[at] = whole.fx * seen.x + whole.cx;
      lookups[at + 1] = whole.fy * seen.y + whole.cy;
    }
  }
  return { ...fit, lookups };
}

/** Fits a picture. @returns [H, W, 3], sRGB. */
export async function fitPicture(picture: RgbPicture, fit: PictureFit): Promise<Uint8Array> {
  const { resized, window, width, height, lookups } = fit;
  const raw = { width: picture.width, height: picture.height, channels: 3 as const };
  const smaller = sharp(picture.rgb, { raw }).resize(resized.width, resized.height, { fit: 'fill' });
  if (lookups === undefined)
    return new Uint8Array(
      await smaller
        .extract({ ...window, width, height })
        .raw()
        .toBuffer(),
    );
  return lookUp(new Uint8Array(await smaller.raw().toBuffer()), resized, lookups);
}

/** Bilinear; beyond the border the picture goes on with its border's colours. */
function lookUp(rgb: Uint8Array, size: PictureFit['resized'], lookups: Float32Array): Uint8Array {
  const result = new Uint8Array((lookups.length / 2) * 3);
  const clamp = (value: number, high: number) => (value > 0 ? Math.min(value, high) : 0);
  for (let i = 0; i < lookups.length / 2; i++) {
    const u = clamp(lookups[2 * i] ?? 0, size.width - 1);
    const v = clamp(lookups[2 * i + 1] ?? 0, size.height - 1);
    const [x, y] = [Math.floor(u), Math.floor(v)];
    const [right, below] = [Math.min(x + 1, size.width - 1), Math.min(y + 1, size.height - 1)];
    const at = (column: number, row: number, channel: number) =>
      rgb[(row * size.width + column) * 3 + channel] ?? 0;
    for (let c = 0; c < 3; c++) {
      const top = at(x, y, c) + (at(right, y, c) - at(x, y, c)) * (u - x);
      const bottom = at(x, below, c) + (at(right, below, c) - at(x, below, c)) * (u - x);
      result[3 * i + c] = Math.round(top + (bottom - top) * (v - y));
    }
  }
  return result;
}
