import type { Random } from '../../simulator/random.js';
import type { Triplet } from '../stores/triplet.js';
import { type AugmentationOptions, drawColorChange, type Window } from './augmentation.js';
import { type ArraysOf, type BatchSchema, emptyArrays } from './batch-schema.js';
import { drawColorJitter } from './color-jitter.js';
import { fillJittered } from './fill-jittered.js';
import { fillPicture, type PlaneOptions } from './fill-picture.js';
import { PLAIN_PLANES, UNCHANGED_COLORS } from './plain-picture.js';

/** SGDepth's augmentation of triplets: the network's colours and a flip. Source: SGDepth, section 4. */
export const SGDEPTH_AUGMENTATION: AugmentationOptions = {
  crop: [1, 1],
  flip: true,
  color: 0.2,
  hue: 0.1,
  gamma: 1,
  noise: 0,
  gray: 0,
};

/** How triplets become a batch. */
export interface TripletBatchOptions extends PlaneOptions {
  readonly batchSize: number;
  readonly augmentation: Pick<
    AugmentationOptions,
    'flip' | 'color' | 'hue' | 'gamma' | 'noise' | 'gray' | 'jitter'
  >;
}

const PLANES = { shape: ['B', 'H', 'W', 3], dtype: 'float32', layout: 'NCHW', range: [-20, 20] } as const;

/** What triplets become: frames at times t, t-1 and t+1; H and W multiples of 32. */
export const TRIPLET_FIELDS = {
  /** Which triplets these are. */
  triplets: { shape: ['B'], dtype: 'int32', range: [0, 2 ** 31 - 1], host: true },
  /** Augmented and normalised: what networks see. */
  image: PLANES,
  previousImage: PLANES,
  nextImage: PLANES,
  /** The same views with their own colours, values 0..1: what losses compare. */
  picture: { ...PLANES, range: [0, 1] },
  previousPicture: { ...PLANES, range: [0, 1] },
  nextPicture: { ...PLANES, range: [0, 1] },
  /** fx, fy, cx, cy in pixels of the images, pixel centres at integers. */
  intrinsics: { shape: ['B', 4], dtype: 'float32', range: [-1e6, 1e6] },
} as const satisfies BatchSchema;

export type TripletBatch = ArraysOf<typeof TRIPLET_FIELDS>;

/** A batch of triplets of zeros, to be filled one by one. */
export function emptyTripletBatch({ batchSize, width, height }: TripletBatchOptions): TripletBatch {
  return emptyArrays(TRIPLET_FIELDS, { B: batchSize, H: height, W: width });
}

/**
 * Writes a triplet into position `index` of the batch. The flip and the change of colours are the same for its three
 * frames; a flipped picture has its principal point mirrored.
 */
export function fillTriplet(
  batch: TripletBatch,
  index: number,
  triplet: Triplet,
  options: TripletBatchOptions,
  random: Random,
): void {
  const { width, height } = options;
  const window: Window = {
    left: 0,
    top: 0,
    step: 1,
    flipped: options.augmentation.flip && random.chance(0.5),
  };
  const { augmentation } = options;
  const steps = augmentation.jitter === true ? drawColorJitter(augmentation, random) : undefined;
  const change =
    steps === undefined ? drawColorChange({ crop: [1, 1], ...augmentation }, random) : UNCHANGED_COLORS;
  const plain: PlaneOptions = { width, height, ...PLAIN_PLANES };
  const write = (image: Float32Array, picture: Float32Array, rgb: Uint8Array) => {
    const given = { rgb, width: triplet.width, height: triplet.height };
    const view = { picture: given, window, random };
    if (steps === undefined) fillPicture(image, index, options, { ...view, change });
    else fillJittered(image, index, options, { ...view, steps });
    fillPicture(picture, index, plain, { ...view, change: UNCHANGED_COLORS });
  };
  write(batch.image, batch.picture, triplet.target);
  write(batch.previousImage, batch.previousPicture, triplet.previous);
  write(batch.nextImage, batch.nextPicture, triplet.next);
  const { fx, fy, cx, cy } = triplet.intrinsics;
  batch.intrinsics.set([fx, fy, window.flipped ? width - 1 - cx : cx, cy], index * 4);
}
