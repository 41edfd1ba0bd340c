import type { Random } from '../../simulator/random.js';
import type { PictureLight } from '../scene-effects/picture-light.js';
import type { Sample } from '../stores/sample.js';
import type { ColorChange, Window } from './augmentation.js';

type Picture = Pick<Sample, 'rgb' | 'width' | 'height'>;

/** Size and normalisation of what is written: (value - mean) / std of values in 0..1. */
export interface PlaneOptions {
  readonly width: number;
  readonly height: number;
  readonly mean: readonly [number, number, number];
  readonly std: readonly [number, number, number];
}

/** What is seen of a picture, and how. */
export interface PictureView {
  readonly picture: Picture;
  readonly window: Window;
  readonly change: ColorChange;
  /** Source of the noise; not drawn from if the change has none. */
  readonly random: Random;
  /** Light of the image's pixels; default: as the picture was taken. */
  readonly light?: PictureLight | undefined;
}

/**
 * Writes a window of a picture, resampled bilinearly, in another light and with changed colours, as the planes of image
 * `index` of a batch.
 * @param out [B, 3, H, W].
 */
export function fillPicture(
  out: Float32Array,
  index: number,
  { width, height, mean, std }: PlaneOptions,
  { picture, window, change, random, light }: PictureView,
): void {
  const { left, top, step, flipped } = window;
  const { matrix, offset, gamma, noise } = change;
  const [m0 = 0, m1 = 0, m2 = 0, m3 = 0, m4 = 0, m5 = 0, m6 = 0, m7 = 0, m8 = 0] = matrix;
  const curve = Float32Array.from({ length: 256 }, (_, i) => (i / 255) ** gamma);
  const { rgb, width: w, height: h } = picture;
  const plane = width * height;
  const base = index * plane * 3;
  const tone = (value: number, channel: number) => {
    const at = value <= 0 ? 0 : Math.min(value, 254.999);
    const low = at | 0;
    const toned = (curve[low] ?? 0) + (at - low) * ((curve[low + 1] ?? 1) - (curve[low] ?? 0));
    const noisy = noise === 0 ? toned : toned + noise * triangular(random);
    return (noisy - (mean[channel] ?? 0)) / (std[channel] ?? 1);
  };
  for (let y = 0; y < height; y++) {
    const sy = clamp(top + (y + 0.5) * step - 0.5, 0, h - 1);
    const y0 = Math.floor(sy);
    const row0 = y0 * w;
    const row1 = Math.min(y0 + 1, h - 1) * w;
    const fy = sy - y0;
    for (let x = 0; x < width; x++) {
      const sx = clamp(left + ((flipped ? width - 1 - x : x) + 0.5) * step - 0.5, 0, w - 1);
      const x0 = Math.floor(sx);
      const x1 = Math.min(x0 + 1, w - 1);
      const fx = sx - x0;
      const a = (row0 + x0) * 3;
      const b = (row0 + x1) * 3;
      const c = (row1 + x0) * 3;
      const d = (row1 + x1) * 3;
      const wa = (1 - fx) * (1 - fy);
      const wb = fx * (1 - fy);
      const wc = (1 - fx) * fy;
      const wd = fx * fy;
      let red = wa * rgb[a] + wb * rgb[b] + wc * rgb[c] + wd * rgb[d];
      let green = wa * rgb[a + 1] + wb * rgb[b + 1] + wc * rgb[c + 1] + wd * rgb[d + 1];
      let blue = wa * rgb[a + 2] + wb * rgb[b + 2] + wc * rgb[c + 2] + wd * rgb[d + 2];
      if (light !== undefined) {
        const o = (y * width + x) * 3;
        red = exposed(red * light.gain[o] + light.offset[o]);
        green = exposed(green * light.gain[o + 1] + light.offset[o + 1]);
        blue = exposed(blue * light.gain[o + 2] + light.offset[o + 2]);
      }
      const at = base + y * width + x;
      out[at] = tone(m0 * red + m1 * green + m2 * blue + 255 * offset, 0);
      out[at + plane] = tone(m3 * red + m4 * green + m5 * blue + 255 * offset, 1);
      out[at + 2 * plane] = tone(m6 * red + m7 * green + m8 * blue + 255 * offset, 2);
    }
  }
}

/** What a sensor of 8 bits keeps: light that is brighter than white is lost before colours are changed. */
function exposed(value: number): number {
  return value < 0 ? 0 : Math.min(value, 255);
}

/** A number of mean 0 and standard deviation 1: a cheap stand-in for Gaussian noise. */
function triangular(random: Random): number {
  return (random.uniform() + random.uniform() - 1) * Math.sqrt(6);
}

function clamp(value: number, low: number, high: number): number {
  return value < low ? low : Math.min(value, high);
}
