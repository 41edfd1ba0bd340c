import type { ImageEncoding } from '../../../msgs/image-encoding.js';
import { NodeError } from '../../errors.js';
import type { Pixels } from './pixels.js';

/** An image whose colours are not a plain choice of bytes. */
export interface ConvertibleImage {
  readonly bytes: Uint8Array;
  readonly height: number;
  readonly width: number;
  readonly step: number;
  readonly is_bigendian: number;
}

/**
 * Converts yuv422 and bayer images to RGB, 16-bit grey to 8-bit grey. A loop over pixels in JavaScript, but in the
 * inference worker and only for these encodings.
 */
export function convertImage(image: ConvertibleImage, encoding: ImageEncoding): Pixels {
  switch (encoding.conversion) {
    case 'yuv422_uyvy':
      return rgbPixels(image, yuv422(image, { y: 1, u: 0, v: 2 }));
    case 'yuv422_yuyv':
      return rgbPixels(image, yuv422(image, { y: 0, u: 1, v: 3 }));
    case 'bayer':
      return rgbPixels(image, bayer(image, encoding.bayerPattern ?? 'rggb'));
    case 'mono16':
      return highBytes(image);
    default:
      throw new NodeError(`images of \`encoding\` "${encoding.name}" cannot be converted`);
  }
}

function rgbPixels({ height, width }: ConvertibleImage, rgb: Uint8ClampedArray): Pixels {
  const data = new Uint8Array(rgb.buffer);
  return { data, height, width, step: width * 3, bytesPerPixel: 3, channelOrder: [0, 1, 2] };
}

/**
 * Two pixels share one pair of colour differences. Source: ITU-R BT.601, 8-bit studio range, as OpenCV's
 * COLOR_YUV2RGB_UYVY.
 */
function yuv422(
  { bytes, height, width, step }: ConvertibleImage,
  at: { readonly y: number; readonly u: number; readonly v: number },
): Uint8ClampedArray {
  const rgb = new Uint8ClampedArray(height * width * 3);
  let to = 0;
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const pair = row * step + (column >> 1) * 4;
      const luma = 1.164 * ((bytes[pair + at.y + (column & 1) * 2] ?? 0) - 16);
      const u = (bytes[pair + at.u] ?? 0) - 128;
      const v = (bytes[pair + at.v] ?? 0) - 128;
      rgb[to++] = luma + 1.596 * v;
      rgb[to++] = luma - 0.813 * v - 0.391 * u;
      rgb[to++] = luma + 2.018 * u;
    }
  }
  return rgb;
}

/** Bilinear demosaicing: a missing colour is the mean of its samples among the 8 neighbours that exist. */
function bayer(
  { bytes, height, width, step }: ConvertibleImage,
  pattern: 'rggb' | 'bggr' | 'gbrg' | 'grbg',
): Uint8ClampedArray {
  const channels = [...pattern].map((letter) => 'rgb'.indexOf(letter));
  const channelAt = (row: number, column: number) => channels[(row & 1) * 2 + (column & 1)] ?? 0;
  const rgb = new Uint8ClampedArray(height * width * 3);
  const sum = [0, 0, 0];
  const count = [0, 0, 0];
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      sum.fill(0);
      count.fill(0);
      for (let y = Math.max(0, row - 1); y <= Math.min(height - 1, row + 1); y++) {
        for (let x = Math.max(0, column - 1); x <= Math.min(width - 1, column + 1); x++) {
          const channel = channelAt(y, x);
          sum[channel] = (sum[channel] ?? 0) + (bytes[y * step + x] ?? 0);
          count[channel] = (count[channel] ?? 0) + 1;
        }
      }
      const to = (row * width + column) * 3;
      for (let channel = 0; channel < 3; channel++) {
        rgb[to + channel] = (sum[channel] ?? 0) / Math.max(1, count[channel] ?? 1);
      }
      rgb[to + channelAt(row, column)] = bytes[row * step + column] ?? 0;
    }
  }
  return rgb;
}

function highBytes({ bytes, height, width, step, is_bigendian }: ConvertibleImage): Pixels {
  const data = new Uint8Array(height * width);
  const high = is_bigendian === 0 ? 1 : 0;
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      data[row * width + column] = bytes[row * step + column * 2 + high] ?? 0;
    }
  }
  return { data, height, width, step: width, bytesPerPixel: 1, channelOrder: [0, 0, 0] };
}
