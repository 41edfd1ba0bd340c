import { type RgbPicture, rgbPicture } from '../../../msgs/picture/rgb-picture.js';

/** A batch's normalised planes [B, 3, H, W] as the pictures that they were made from. */
export function picturesOf(
  planes: ArrayLike<number> | undefined,
  { width, height }: { readonly width: number; readonly height: number },
  mean: readonly number[],
  std: readonly number[],
): RgbPicture[] {
  const plane = width * height;
  const count = (planes?.length ?? 0) / (3 * plane);
  return Array.from({ length: count }, (_, image) => {
    const rgb = new Uint8Array(plane * 3);
    for (let channel = 0; channel < 3; channel++) {
      const from = (3 * image + channel) * plane;
      for (let i = 0; i < plane; i++) {
        const value = (planes?.[from + i] ?? 0) * (std[channel] ?? 1) + (mean[channel] ?? 0);
        rgb[i * 3 + channel] = Math.max(0, Math.min(255, Math.round(value * 255)));
      }
    }
    return rgbPicture(width, height, rgb);
  });
}
