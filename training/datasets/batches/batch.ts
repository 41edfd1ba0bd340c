import { SKY, UNLABELLED } from '../../../models/class-table.js';
import type { Sizes } from '../../ops/assert-shape.js';
import type { Random } from '../../simulator/random.js';
import { blindCamera } from '../scene-effects/blind-camera.js';
import { type PictureLight, plainLight } from '../scene-effects/picture-light.js';
import { pixelScene } from '../scene-effects/pixel-scene.js';
import { drawSceneLight } from '../scene-effects/scene-effects.js';
import type { Sample } from '../stores/sample.js';
import { stylisePlanes } from '../stylisation/stylise-planes.js';
import { type AugmentationOptions, drawColorChange, drawWindow, type Window } from './augmentation.js';
import { type ArraysOf, type BatchSchema, emptyArrays } from './batch-schema.js';
import { drawColorJitter } from './color-jitter.js';
import { fillJittered } from './fill-jittered.js';
import { fillPicture } from './fill-picture.js';

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
  /** What becomes of each label 0..255 of the samples, for classes other than Cityscapes' 19; as they are where left out. */
  readonly labelTable?: readonly number[];
}

/** What labelled samples become; h and w are the size of the network's outputs. */
export const LABELLED_FIELDS = {
  /** Augmented and normalised. */
  image: { shape: ['B', 'H', 'W', 3], dtype: 'float32', layout: 'NCHW', range: [-20, 20] },
  /** True inverse depth at the canonical focal length, 1/m; 1 / maxMeters for the sky. */
  disparity: { shape: ['B', 'h', 'w', 1], dtype: 'float32', layout: 'NCHW', range: [0, 1e4] },
  /** Weight of each pixel in the depth loss. */
  weight: { shape: ['B', 'h', 'w', 1], dtype: 'float32', layout: 'NCHW', range: [0, 1] },
  /** trainIds, 255 = ignore. */
  labels: { shape: ['B', 'h', 'w'], dtype: 'int32', range: [0, 255] },
} as const satisfies BatchSchema;

/** All fields, in a batch that calls them as they are called here. */
export const LABELLED_NAMES = {
  image: 'image',
  disparity: 'disparity',
  weight: 'weight',
  labels: 'labels',
} as const satisfies Record<keyof typeof LABELLED_FIELDS, string>;

export type Batch = ArraysOf<typeof LABELLED_FIELDS>;

/** The sky has no depth; it is taught as "as far as can be", with little weight. */
const SKY_WEIGHT = 0.3;

/** Sizes of a batch by letter. */
export function sizesOf({ batchSize, width, height, targetStep }: BatchOptions): Sizes {
  return { B: batchSize, H: height, W: width, h: height / targetStep, w: width / targetStep };
}

/** A labelled batch of zeros, to be filled sample by sample. */
export function emptyBatch(options: BatchOptions): Batch {
  return emptyArrays(LABELLED_FIELDS, sizesOf(options));
}

/** Writes an augmented view of `sample` into position `index` of the batch. */
export function fillBatch(
  batch: Batch,
  index: number,
  sample: Sample,
  options: BatchOptions,
  random: Random,
): void {
  const { width, height, augmentation } = options;
  const window = drawWindow(sample, width, height, augmentation, random);
  const light = lightOf(sample, window, options, random);
  if (augmentation.jitter === true) {
    const steps = drawColorJitter(augmentation, random);
    fillJittered(batch.image, index, options, { picture: sample, window, steps, random });
  } else {
    const change = drawColorChange(augmentation, random);
    fillPicture(batch.image, index, options, { picture: sample, window, change, random, light });
  }
  const { style = 0 } = augmentation;
  if (style > 0 && random.chance(style)) stylisePlanes(batch.image, index, options, random.fork());
  fillTargets(batch, index, sample, options, window);
}

/** Nothing is drawn where the augmentation changes no light. */
function lightOf(
  sample: Sample,
  window: Window,
  { width, height, augmentation }: BatchOptions,
  random: Random,
): PictureLight | undefined {
  const light = augmentation.scene ? drawSceneLight(sample, window, width, height, random.fork()) : undefined;
  if (augmentation.blind === undefined || !random.chance(augmentation.blind)) return light;
  const hidden = light ?? plainLight(width * height);
  blindCamera(pixelScene(sample, window, width, height), hidden, random.fork());
  return hidden;
}

function fillTargets(
  batch: Batch,
  index: number,
  sample: Sample,
  options: BatchOptions,
  { left, top, step, flipped }: Window,
): void {
  const { targetStep, canonicalFocalPixels, minMeters, maxMeters, labelTable } = options;
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
      batch.labels[at] = labelTable?.[label] ?? label ?? UNLABELLED;
    }
  }
}

function clamp(value: number, low: number, high: number): number {
  return value < low ? low : Math.min(value, high);
}
