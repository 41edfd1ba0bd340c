import type { RgbPicture } from '../../../msgs/picture/rgb-picture.js';
import { median } from '../../../vision/median.js';
import type { Random } from '../../simulator/random.js';

/** Median of |x| over the standard deviation, for a normal distribution. */
const MEDIAN_OF_NORMAL = 0.6745;
/** More noise than this is no noise of a camera, grey values of 255. */
const MOST_NOISE = 20;

/**
 * A labelled picture in the look of another one. The grey values of each channel are mapped so that they are as often as in
 * the other (exposure, contrast, white balance, haze). Noise is added until there is as much. What is where stays, so that
 * the labels still hold. Source: histogram matching, Gonzalez and Woods, Digital Image Processing, section 3.3.
 * @param like of any size. @returns [H, W, 3] of the picture's size.
 */
export function restyled(picture: RgbPicture, like: RgbPicture, random: Random): Uint8Array {
  const tables = [0, 1, 2].map((channel) =>
    matchTable(histogram(picture.rgb, channel), histogram(like.rgb, channel)),
  );
  const rgb = Uint8Array.from(picture.rgb, (value, i) => tables[i % 3][value]);
  const sigma = Math.min(
    MOST_NOISE,
    Math.sqrt(Math.max(0, noiseOf(like) ** 2 - noiseOf({ ...picture, rgb }) ** 2)),
  );
  if (sigma < 0.5) return rgb;
  for (let i = 0; i < rgb.length; i += 3) {
    // What the channels share, as a sensor's luminance noise.
    const noise = sigma * random.normal(0, 1);
    for (let channel = 0; channel < 3; channel++) {
      rgb[i + channel] = Math.max(0, Math.min(255, Math.round(rgb[i + channel] + noise)));
    }
  }
  return rgb;
}

/**
 * Standard deviation of the noise of the green channel, grey values of 255. It is taken from the median of the finest
 * diagonal Haar details, which edges hardly change. Source: Donoho and Johnstone 1994, section 5.
 */
export function noiseOf({ width, height, rgb }: RgbPicture): number {
  const details: number[] = [];
  for (let y = 0; y + 1 < height; y += 2) {
    for (let x = 0; x + 1 < width; x += 2) {
      const at = 3 * (y * width + x) + 1;
      const below = at + 3 * width;
      details.push(Math.abs(rgb[at] - rgb[at + 3] - rgb[below] + rgb[below + 3]) / 2);
    }
  }
  return details.length === 0 ? 0 : median(details) / MEDIAN_OF_NORMAL;
}

/** Shares of the 256 values. */
function histogram(rgb: Uint8Array, channel: number): Float64Array {
  const shares = new Float64Array(256);
  for (let i = channel; i < rgb.length; i += 3) shares[rgb[i]] += 3 / rgb.length;
  return shares;
}

/** For each value, the value of the other picture below which equally many pixels lie. */
function matchTable(from: Float64Array, to: Float64Array): Uint8Array {
  const table = new Uint8Array(256);
  let below = 0;
  let [value, reached] = [0, to[0]];
  for (let i = 0; i < 256; i++) {
    const middle = below + from[i] / 2;
    while (reached < middle && value < 255) reached += to[++value];
    table[i] = value;
    below += from[i];
  }
  return table;
}
