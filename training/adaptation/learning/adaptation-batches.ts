import type { Intrinsics } from '../../../msgs/camera/intrinsics.js';
import type { RigidTransform } from '../../../msgs/camera/rigid-transform.js';
import type { GroundPlane } from '../../../vision/ground-plane.js';
import {
  type AugmentationOptions,
  drawColorChange,
  drawWindow,
} from '../../datasets/batches/augmentation.js';
import { type BatchOptions, fillBatch, sizesOf } from '../../datasets/batches/batch.js';
import { BatchLoader } from '../../datasets/batches/batch-loader.js';
import { BatchOrder } from '../../datasets/batches/batch-order.js';
import { type ArraysOf, emptyArrays } from '../../datasets/batches/batch-schema.js';
import { fillPicture } from '../../datasets/batches/fill-picture.js';
import { drawSceneLight } from '../../datasets/scene-effects/scene-effects.js';
import type { Sample } from '../../datasets/stores/sample.js';
import { SampleStore, type StoreDescription } from '../../datasets/stores/sample-store.js';
import type { Sizes } from '../../ops/assert-shape.js';
import { Random } from '../../simulator/random.js';
import type { MotionPixels } from '../drive/motion-pixels.js';
import { picturePlanes } from '../judge/photometric-score.js';
import { DriveOrder } from './drive-order.js';
import { plainPixels } from './plain-pixels.js';
import { restyled } from './restyle.js';
import { ADAPTATION_BATCH } from './sgdepth-adaptation.js';
import { tripletMask } from './triplet-mask.js';
import { zoomedFrame, zoomedIntrinsics } from './zoomed-frame.js';

/** Three frames of a drive in a store, and how the camera moved between them. */
export interface PosedTriplet {
  readonly target: number;
  readonly previous: number;
  readonly next: number;
  /** Which of `intrinsics` is the drive's. */
  readonly drive: number;
  /** sourceFromTarget, metres. */
  readonly previousPose: RigidTransform;
  readonly nextPose: RigidTransform;
  /** Which pixels it was found with; left out: all of what stands still. */
  readonly pixels?: MotionPixels;
  /** True metres / those of the parent's depth, where something measured them: the road is held at that. */
  readonly depthFactor?: number;
  /** The road under the camera, metres, where its height is known: there the road is held at it. */
  readonly road?: GroundPlane;
}

/** Plain data: the worker is told it. */
export interface AdaptationBatchesOptions {
  /** Pictures, and the parent's depth and labels. */
  readonly frames: { readonly folder: string; readonly description: StoreDescription };
  readonly triplets: readonly PosedTriplet[];
  /** Intrinsics of the drives' views. */
  readonly intrinsics: readonly Intrinsics[];
  readonly targets: number;
  /** Labelled samples of the source domain: those from `first` on. */
  readonly source: {
    readonly folder: string;
    readonly description: StoreDescription;
    readonly first: number;
  };
  /** Pictures of past drives, rehearsed beside the source's samples as often as their number asks for. */
  readonly memory?: { readonly folder: string; readonly description: StoreDescription } | undefined;
  /** Pictures of the drive that teachers labelled: the last `each` of the source's part of every batch. */
  readonly lessons?:
    | {
        readonly folder: string;
        readonly description: StoreDescription;
        readonly count: number;
        readonly each: number;
      }
    | undefined;
  /** Share of the source's samples that are shown in the look of a picture of the drive (`restyled`). */
  readonly restyledShare: number;
  /** Batch of the source's part; its size, normalisation and change of colours are also those of the drive's part. */
  readonly batch: BatchOptions;
  /** Augmentation of source samples that keep their look, so that the model keeps what the parent knows. */
  readonly sourceAugmentation: AugmentationOptions;
  /** Of the drive's own pictures as the network sees them. What it crops is cropped from all three, for the losses, too. */
  readonly targetAugmentation: AugmentationOptions;
  readonly seed: number;
}

/** What the trainer adds to a batch. */
const GIVEN: readonly string[] = ['previousPose', 'nextPose', 'parentLogits'];

export type AdaptationBatch = Omit<
  ArraysOf<typeof ADAPTATION_BATCH>,
  'previousPose' | 'nextPose' | 'parentLogits'
>;

/** How much the road counts where its metres are known, beside what no photometric error is asked of. */
const ROAD_KEEP = 0.5;
/** So many camera heights ahead a road is flat: the vehicle's nodding, half a degree, is a twentieth of the depth there. */
const FLAT = 6;
const ROAD = 0;
/** How much depth is kept where the picture is too even for a photometric error to tell depths apart. */
const PLAIN_KEEP = 0.5;

/** So many pictures of past drives are rehearsed as often as all samples of the source. */
const MEMORY_BESIDE = 120;

/** Makes the batch of any step: a function of the options and the step alone. */
export class AdaptationBatchMaker {
  readonly #options: AdaptationBatchesOptions;
  readonly #frames: SampleStore;
  readonly #samples: SampleStore;
  readonly #order: DriveOrder;
  readonly #sampleOrder: BatchOrder;
  readonly #memory: SampleStore | undefined;
  readonly #lessons: { readonly store: SampleStore; readonly order: BatchOrder } | undefined;

  constructor(options: AdaptationBatchesOptions) {
    const { frames, source, triplets, seed, memory, lessons } = options;
    this.#options = options;
    this.#frames = SampleStore.open(frames.folder, frames.description);
    this.#samples = SampleStore.open(source.folder, source.description);
    this.#memory = memory && SampleStore.open(memory.folder, memory.description);
    this.#order = new DriveOrder(
      triplets.map(({ drive }) => drive),
      seed,
    );
    this.#lessons = lessons && {
      store: SampleStore.open(lessons.folder, lessons.description),
      order: new BatchOrder([...Array(lessons.count).keys()], seed + 5),
    };
    const count = source.description.count - source.first;
    this.#sampleOrder = new BatchOrder(
      Array.from({ length: count }, (_, i) => source.first + i),
      seed + 1,
    );
  }

  make(step: number, recycled?: AdaptationBatch): AdaptationBatch {
    const { targets, batch: options, seed } = this.#options;
    const batch = recycled ?? this.#empty();
    for (let i = 0; i < targets; i++) {
      const position = step * targets + i;
      this.#fillTriplet(batch, i, this.#order.at(position), new Random(seed + 2, position));
    }
    const source = {
      image: batch.sourceImage,
      disparity: batch.sourceDisparity,
      weight: batch.sourceWeight,
      labels: batch.sourceLabels,
    };
    for (let i = 0; i < options.batchSize; i++) {
      const position = step * options.batchSize + i;
      const { sample, look } = this.#lesson(step, i) ?? this.#sample(position);
      const augmentation = look === 'source' ? this.#options.sourceAugmentation : options.augmentation;
      fillBatch(source, i, sample, { ...options, augmentation }, new Random(seed + 3, position));
    }
    return batch;
  }

  close(): void {
    this.#frames.close();
    this.#samples.close();
    this.#memory?.close();
    this.#lessons?.store.close();
  }

  /** The lesson at a place, if the place is one for lessons. */
  #lesson(step: number, at: number): { readonly sample: Sample; readonly look: 'drive' } | undefined {
    const { lessons, batch } = this.#options;
    if (lessons === undefined || this.#lessons === undefined) return undefined;
    const place = at - (batch.batchSize - lessons.each);
    if (place < 0) return undefined;
    return {
      sample: this.#lessons.store.read(this.#lessons.order.at(step * lessons.each + place)),
      look: 'drive',
    };
  }

  /** A sample of the source domain, now and then as if the drive's camera had taken it. */
  #sample(position: number): { readonly sample: Sample; readonly look: 'source' | 'drive' } {
    const { triplets, restyledShare, seed } = this.#options;
    const random = new Random(seed + 4, position);
    const remembered = this.#memory?.description.count ?? 0;
    if (this.#memory !== undefined && random.chance(remembered / (remembered + MEMORY_BESIDE))) {
      return { sample: this.#memory.read(random.integer(0, remembered - 1)), look: 'drive' };
    }
    const sample = this.#samples.read(this.#sampleOrder.at(position));
    if (!random.chance(restyledShare)) return { sample, look: 'source' };
    const like = this.#frames.read(triplets[random.integer(0, triplets.length - 1)].target);
    return { sample: { ...sample, rgb: restyled(sample, like, random) }, look: 'drive' };
  }

  #fillTriplet(batch: AdaptationBatch, at: number, index: number, random: Random): void {
    const { triplets, intrinsics, batch: options, targetAugmentation } = this.#options;
    const { width, height, maxMeters, canonicalFocalPixels, targetStep } = options;
    const triplet = triplets[index];
    const taken = [triplet.target, triplet.previous, triplet.next].map((frame) => this.#frames.read(frame));
    const isZoomed = targetAugmentation.crop[0] < 1;
    const zoom =
      isZoomed && drawWindow(taken[0], width, height, { ...targetAugmentation, flip: false }, random);
    const [target, previous, next] = zoom ? taken.map((frame) => zoomedFrame(frame, zoom)) : taken;
    const own = intrinsics[triplet.drive];
    const camera = zoom ? zoomedIntrinsics(own, zoom) : own;
    const mirrored = random.chance(0.5);
    batch.triplets[at] = index;
    batch.mirrored[at] = mirrored ? 1 : 0;
    const window = { left: 0, top: 0, step: 1, flipped: mirrored };
    const change = drawColorChange(targetAugmentation, random);
    const light = targetAugmentation.scene
      ? drawSceneLight({ ...target, intrinsics: camera }, window, width, height, random.fork())
      : undefined;
    fillPicture(batch.image, at, options, { picture: target, window, change, random, light });
    const size = width * height;
    const place = (out: Float32Array, values: Float32Array, rowLength: number) => {
      if (mirrored) mirrorRows(values, rowLength);
      out.set(values, at * values.length);
    };
    place(batch.picture, picturePlanes(target.rgb), width);
    place(batch.previousPicture, picturePlanes(previous.rgb), width);
    place(batch.nextPicture, picturePlanes(next.rgb), width);
    const mask = tripletMask(
      target.labels,
      target.depthMeters,
      [
        { labels: previous.labels, sourceFromTarget: triplet.previousPose },
        { labels: next.labels, sourceFromTarget: triplet.nextPose },
      ],
      { width, height, intrinsics: camera },
    );
    // 1 / 0 m and 1 / NaN m have no place in a logarithm: what has no depth is as far as can be.
    const { depthFactor } = triplet;
    const scale = camera.fx / canonicalFocalPixels / (depthFactor ?? 1);
    const inverse = Float32Array.from(target.depthMeters, (z) =>
      z > 0 ? Math.max(scale / z, 1 / maxMeters) : 1 / maxMeters,
    );
    const isOnPlane = triplet.road && onPlane(triplet.road, camera, width);
    const road = depthFactor === undefined || isOnPlane !== undefined ? 0 : ROAD_KEEP;
    const plain = plainPixels(target.rgb, width, height);
    const away = Float32Array.from(mask, (value, i) => {
      if (value === 0 || !(target.depthMeters[i] < Number.POSITIVE_INFINITY)) return 1;
      return Math.max(PLAIN_KEEP * plain[i], target.labels[i] === ROAD ? road : 0);
    });
    if (isOnPlane !== undefined) {
      for (let i = 0; i < size; i++) {
        const z = target.labels[i] === ROAD && away[i] < 1 ? isOnPlane(i) : undefined;
        if (z === undefined) continue;
        inverse[i] = camera.fx / canonicalFocalPixels / z;
        away[i] = ROAD_KEEP;
      }
    }
    place(batch.parentDisparity, shrunk(inverse, width, height, targetStep), width / targetStep);
    place(batch.keep, shrunk(away, width, height, targetStep), width / targetStep);
    place(batch.mask, mask, width);
    const cx = mirrored ? width - 1 - camera.cx : camera.cx;
    batch.intrinsics.set([camera.fx, camera.fy, cx, camera.cy], 4 * at);
    if (batch.mask.length !== this.#options.targets * size)
      throw new RangeError('the batch is of another size');
  }

  #empty(): AdaptationBatch {
    const { targets, batch } = this.#options;
    const names = Object.keys(ADAPTATION_BATCH).filter((name) => !GIVEN.includes(name));
    return emptyArrays(ADAPTATION_BATCH, adaptationSizes(targets, batch), names);
  }
}

/** Depth of a road's pixels, metres, where the road is near enough to be flat; undefined elsewhere. */
function onPlane({ a, b, c }: GroundPlane, { fx, fy, cx, cy }: Intrinsics, width: number) {
  return (i: number): number | undefined => {
    const across = ((i % width) - cx) / fx;
    const z = a / ((Math.floor(i / width) - cy) / fy - b * across - c);
    return z > 0 && z < FLAT * a ? z : undefined;
  };
}

/** Sizes of a batch by letter. */
export function adaptationSizes(targets: number, source: BatchOptions): Sizes {
  return { ...sizesOf(source), B: targets, S: source.batchSize };
}

/** Batches from a step on, made in a worker thread. */
export function loadAdaptationBatches(
  options: AdaptationBatchesOptions,
  firstStep: number,
): BatchLoader<AdaptationBatch> {
  return new BatchLoader(
    {
      worker: new URL('./adaptation-batch-worker.js', import.meta.url),
      workerData: options,
      shapes: 1,
      source: `${options.frames.folder} and ${options.source.folder}`,
    },
    firstStep,
  );
}

/** The same motion seen in a mirror: x turns round. */
export function mirroredPose(pose: RigidTransform): RigidTransform {
  return pose.map((value, i) => ((i % 4 === 0) !== i < 4 ? -value : value));
}

function mirrorRows(values: Float32Array, rowLength: number): void {
  for (let row = 0; row < values.length; row += rowLength) values.subarray(row, row + rowLength).reverse();
}

/** Means over step x step pixels. */
function shrunk(values: Float32Array, width: number, height: number, step: number): Float32Array {
  const [w, h] = [width / step, height / step];
  const result = new Float32Array(w * h);
  for (let y = 0; y < h * step; y++) {
    for (let x = 0; x < w * step; x++) {
      result[Math.floor(y / step) * w + Math.floor(x / step)] += values[y * width + x] / step ** 2;
    }
  }
  return result;
}
