import type { Random } from '../../simulator/random.js';
import type { Triplet } from '../stores/triplet.js';
import { type AugmentationOptions, type ColorChange, drawColorChange, type Window } from './augmentation.js';
import { fillPicture, type PlaneOptions } from './fill-picture.js';

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

/** How triplets become the target's half of a joint batch. */
export interface TripletBatchOptions extends PlaneOptions {
  readonly targets: number;
  readonly augmentation: Pick<AugmentationOptions, 'flip' | 'color' | 'hue' | 'gamma' | 'noise' | 'gray'>;
}

/** Triplets as onnxruntime takes them: planes, not interleaved. */
export interface TripletBatch {
  /** Which triplets these are, [B]. */
  readonly triplets: Int32Array;
  /** Augmented and normalised, [B, 3, H, W]: what the networks see. */
  readonly image: Float32Array;
  readonly previousImage: Float32Array;
  readonly nextImage: Float32Array;
  /** The same views with their own colours, values 0..1: what the losses compare. */
  readonly picture: Float32Array;
  readonly previousPicture: Float32Array;
  readonly nextPicture: Float32Array;
  /** [B, 4]: fx, fy, cx, cy in pixels. */
  readonly intrinsics: Float32Array;
}

/** Both domains. */
export interface JointBatch extends TripletBatch {
  /** Augmented and normalised, [S, 3, H, W]. */
  readonly sourceImage: Float32Array;
  /** trainIds, 255 = ignore, [S, h, w] at the resolution of the class logits. */
  readonly sourceLabels: Int32Array;
}

export function emptyTripletBatch({ targets, width, height }: TripletBatchOptions): TripletBatch {
  const planes = () => new Float32Array(targets * width * height * 3);
  return {
    triplets: new Int32Array(targets),
    image: planes(),
    previousImage: planes(),
    nextImage: planes(),
    picture: planes(),
    previousPicture: planes(),
    nextPicture: planes(),
    intrinsics: new Float32Array(targets * 4),
  };
}

/** Colours as they are. */
const UNCHANGED: ColorChange = { matrix: [1, 0, 0, 0, 1, 0, 0, 0, 1], offset: 0, gamma: 1, noise: 0 };
const ZERO = [0, 0, 0] as const;
const ONE = [1, 1, 1] as const;

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
  const change = drawColorChange({ crop: [1, 1], ...options.augmentation }, random);
  const plain: PlaneOptions = { width, height, mean: ZERO, std: ONE };
  const write = (image: Float32Array, picture: Float32Array, rgb: Uint8Array) => {
    const given = { rgb, width: triplet.width, height: triplet.height };
    fillPicture(image, index, given, options, window, change, random);
    fillPicture(picture, index, given, plain, window, UNCHANGED, random);
  };
  write(batch.image, batch.picture, triplet.target);
  write(batch.previousImage, batch.previousPicture, triplet.previous);
  write(batch.nextImage, batch.nextPicture, triplet.next);
  const { fx, fy, cx, cy } = triplet.intrinsics;
  batch.intrinsics.set([fx, fy, window.flipped ? width - 1 - cx : cx, cy], index * 4);
}
