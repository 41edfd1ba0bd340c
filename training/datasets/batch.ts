import { SKY, UNLABELLED } from '../../models/class-table.js';
import type { Random } from '../simulator/random.js';
import { type AugmentationOptions, drawColorChange, drawWindow, type Window } from './augmentation.js';
import type { Sample } from './sample.js';

/** How samples become what the network is trained on. */
export interface BatchOptions {
  readonly batchSize: number;
  readonly width: number;
  readonly height: number;
  /** Disparities, weights and labels have 1 / targetStep of the image's resolution. */
  readonly targetStep: number;
  readonly mean: readonly [number, number, number];
  readonly std: readonly [number, number, number];
  /** Depth targets are those that a camera of this focal length (in image pixels) would see. */
  readonly canonicalFocalPixels: number;
  readonly minMeters: number;
  readonly maxMeters: number;
  readonly augmentation: AugmentationOptions;
}

/** A batch as onnxruntime takes it: planes, not interleaved. */
export interface Batch {
  /** Normalised image, [B, 3, H, W]. */
  readonly image: Float32Array;
  /** True inverse depth at the canonical focal length, 1/m, [B, 1, H / targetStep, W / targetStep]; 1 / maxMeters for the sky. */
  readonly disparity: Float32Array;
  /** Weight of each pixel in the depth loss, as `disparity`. */
  readonly weight: Float32Array;
  /** trainIds, 255 = ignore, [B, H / targetStep, W / targetStep]. */
  readonly labels: Int32Array;
}

/** The sky has no depth; it is taught as "as far as can be", with little weight. */
const SKY_WEIGHT = 0.3;

export function emptyBatch({ batchSize, width, height, targetStep }: BatchOptions): Batch {
  const pixels = batchSize * width * height;
  const targets = pixels / targetStep ** 2;
  return {
    image: new Float32Array(pixels * 3),
    disparity: new Float32Array(targets),
    weight: new Float32Array(targets),
    labels: new Int32Array(targets),
  };
}

/** Writes an augmented view of `sample` into position `index` of the batch. */
export function fillBatch(
  batch: Batch,
  index: number,
  sample: Sample,
  options: BatchOptions,
  random: Random,
): void {
  const window = drawWindow(sample, options.width, options.height, options.augmentation, random);
  fillImage(batch, index, sample, options, window, random);
  fillTargets(batch, index, sample, options, window);
}

function fillImage(
  batch: Batch,
  index: number,
  sample: Sample,
  { width, height, mean, std, augmentation }: BatchOptions,
  { left, top, step, flipped }: Window,
  random: Random,
): void {
  const { matrix, offset, gamma, noise } = drawColorChange(augmentation, random);
  const [m0 = 0, m1 = 0, m2 = 0, m3 = 0, m4 = 0, m5 = 0, m6 = 0, m7 = 0, m8 = 0] = matrix;
  const curve = Float32Array.from({ length: 256 }, (_, i) => (i / 255) ** gamma);
  const { rgb, width: w, height: h } = sample;
  const plane = width * height;
  const base = index * plane * 3;
  const out = batch.image;
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
      const red = wa * rgb[a] + wb * rgb[b] + wc * rgb[c] + wd * rgb[d];
      const green = wa * rgb[a + 1] + wb * rgb[b + 1] + wc * rgb[c + 1] + wd * rgb[d + 1];
      const blue = wa * rgb[a + 2] + wb * rgb[b + 2] + wc * rgb[c + 2] + wd * rgb[d + 2];
      const at = base + y * width + x;
      out[at] = tone(m0 * red + m1 * green + m2 * blue + 255 * offset, 0);
      out[at + plane] = tone(m3 * red + m4 * green + m5 * blue + 255 * offset, 1);
      out[at + 2 * plane] = tone(m6 * red + m7 * green + m8 * blue + 255 * offset, 2);
    }
  }
}

function fillTargets(
  batch: Batch,
  index: number,
  sample: Sample,
  options: BatchOptions,
  { left, top, step, flipped }: Window,
): void {
  const { targetStep, canonicalFocalPixels, minMeters, maxMeters } = options;
  const width = options.width / targetStep;
  const height = options.height / targetStep;
  const { depthMeters, labels, width: w, height: h } = sample;
  const base = index * width * height;
  const stride = step * targetStep;
  // Focal length in image pixels is fx / step: depth as the canonical camera would see it.
  const toCanonical = (canonicalFocalPixels * step) / sample.intrinsics.fx;
  for (let y = 0; y < height; y++) {
    const sy = clamp(Math.round(top + (y + 0.5) * stride - 0.5), 0, h - 1);
    for (let x = 0; x < width; x++) {
      const sx = clamp(Math.round(left + ((flipped ? width - 1 - x : x) + 0.5) * stride - 0.5), 0, w - 1);
      const from = sy * w + sx;
      const depth = depthMeters[from] * toCanonical;
      const label = labels[from];
      const known = depth > 0; // false for NaN
      const at = base + y * width + x;
      batch.disparity[at] = known ? 1 / clamp(depth, minMeters, maxMeters) : 1 / maxMeters;
      batch.weight[at] = !known ? 0 : label === SKY || depth > maxMeters ? SKY_WEIGHT : 1;
      batch.labels[at] = label ?? UNLABELLED;
    }
  }
}

/** Of mean 0 and standard deviation 1: a cheap stand-in for Gaussian noise. */
function triangular(random: Random): number {
  return (random.uniform() + random.uniform() - 1) * Math.sqrt(6);
}

function clamp(value: number, low: number, high: number): number {
  return value < low ? low : Math.min(value, high);
}
