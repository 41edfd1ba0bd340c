import type { Random } from '../../simulator/random.js';
import type { Sample } from '../stores/sample.js';
import { stylisePlanes } from '../stylisation/stylise-planes.js';
import { type AugmentationOptions, drawColorChange, drawWindow } from './augmentation.js';
import { type BatchArrays, type BatchSchema, emptyArrays } from './batch-schema.js';
import { fillPicture, type PlaneOptions } from './fill-picture.js';
import { PLAIN_PLANES, UNCHANGED_COLORS } from './plain-picture.js';

/** How unlabelled pictures become a batch. */
export interface PictureBatchOptions extends PlaneOptions {
  readonly batchSize: number;
  /** All but `scene`, which needs depth. */
  readonly augmentation: AugmentationOptions;
}

/** What unlabelled pictures become: no field holds a truth, even where the data have one. */
export const PICTURE_FIELDS = {
  /** Augmented and normalised: what networks see. */
  image: { shape: ['B', 'H', 'W', 3], dtype: 'float32', layout: 'NCHW', range: [-20, 20] },
  /** The same view with its own colours, values 0..1. */
  picture: { shape: ['B', 'H', 'W', 3], dtype: 'float32', layout: 'NCHW', range: [0, 1] },
} as const satisfies BatchSchema;

type PictureField = keyof typeof PICTURE_FIELDS;

/** @param fields that the batch has; the others are not made. */
export function emptyPictureBatch(
  { batchSize, width, height }: PictureBatchOptions,
  fields: readonly string[],
): BatchArrays {
  return { ...emptyArrays(PICTURE_FIELDS, { B: batchSize, H: height, W: width }, fields) };
}

/** Writes an augmented view of a picture into position `index` of the batch, into those fields that the batch has. */
export function fillPictures(
  batch: BatchArrays,
  index: number,
  sample: Sample,
  options: PictureBatchOptions,
  random: Random,
): void {
  const { width, height, augmentation } = options;
  const window = drawWindow(sample, width, height, augmentation, random);
  const change = drawColorChange(augmentation, random);
  const planes = (name: PictureField) => batch[name] as Float32Array | undefined; // by the schema
  const [image, picture] = [planes('image'), planes('picture')];
  if (image !== undefined) {
    fillPicture(image, index, options, { picture: sample, window, change, random });
    const { style = 0 } = augmentation;
    if (style > 0 && random.chance(style)) stylisePlanes(image, index, options, random.fork());
  }
  if (picture === undefined) return;
  const plain = { picture: sample, window, change: UNCHANGED_COLORS, random };
  fillPicture(picture, index, { width, height, ...PLAIN_PLANES }, plain);
}
