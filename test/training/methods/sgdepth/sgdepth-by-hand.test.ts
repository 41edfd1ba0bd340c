import * as tf from '@tensorflow/tfjs';
import test from 'ava';
import { asTensors } from '../../../../training/datasets/batches/batch-schema.js';
import { poseFromVector } from '../../../../training/geometry/pose-from-vector.js';
import { inspect } from '../../../../training/methods/sgdepth/sgdepth-inspection.js';
import {
  SGDEPTH_BATCH,
  type SgdepthBatch,
  type SgdepthOptions,
  sgdepthLoss,
  sourceViews,
} from '../../../../training/methods/sgdepth/sgdepth-loss.js';
import type { SourceView } from '../../../../training/methods/sgdepth/sgdepth-view.js';
import { poseNetwork } from '../../../../training/networks/pose-network.js';
import { Scope } from '../../../../training/networks/scope.js';
import { depthHead, disparityFromLogits, encode } from '../../../../training/networks/sgdepth-network.js';
import { type Grid, gridOf, photometricErrors, shifted } from '../../losses/photometric-by-hand.js';
import { HEIGHT, startingParameters, TINY, tensorsOf, WIDTH } from './sgdepth-step.js';

/**
 * A wall: networks whose last layers say the same everywhere, whatever they see, so that warped pictures are pictures
 * shifted by whole pixels, and every term of the loss follows by hand.
 */

test.before(async () => {
  await tf.setBackend('cpu');
});

/** Metres of the wall at each scale, finest first: no two scales agree. */
const DEPTHS = [4, 2, 8, 1];
/** Pixels by which a wall at one metre moves from frame to frame in each image: f t. */
const MOVES = [8, 16];
const CLASS_LOGITS = Array.from({ length: 19 }, (_, i) => (i === 13 ? 2 : i / 10));

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
const number = (x: tf.Tensor | undefined): number => x?.dataSync()[0] ?? Number.NaN;

/** Smooth pictures that differ from frame to frame: an image is a frame of one camera at one time. */
const frame = (image: number, time: number): Grid =>
  gridOf(
    WIDTH,
    HEIGHT,
    (x, y, c) =>
      0.5 +
      0.25 * Math.sin(0.41 * x + 0.9 * time + image + c) +
      0.2 * Math.cos(0.23 * y * (1 + image) + 0.11 * x * (1 + time)),
  );
const FRAMES = [0, 1].map((image) => ({
  previous: frame(image, 0),
  target: frame(image, 1),
  next: frame(image, 2),
}));
const IMAGES = { target: 5, previous: 6, next: 7, source: 8 };
/** What networks see has nothing to do with what losses compare. */
const seen = (seed: number, count: number) =>
  tf.randomNormal<tf.Rank.R4>([count, HEIGHT, WIDTH, 3], 0, 1, 'float32', seed);

/** Trains of columns of class 13 (car) on road. */
const cars = (...columns: readonly (readonly [number, number])[]) =>
  Array.from({ length: HEIGHT * WIDTH }, (_, i) =>
    columns.some(([first, last]) => i % WIDTH >= first && i % WIDTH <= last) ? 13 : 0,
  );
const LABELS = [
  { target: cars([10, 19]), previous: cars([14, 21]), next: cars([3, 12]) },
  { target: cars([30, 39]), previous: cars([36, 39]), next: cars([50, 53]) },
];
const SOURCE_LABELS = Array.from({ length: HEIGHT * WIDTH }, (_, i) => (i % 3 === 0 ? 255 : i % 19));

const stacked = (of: 'previous' | 'target' | 'next') =>
  tf.tensor4d(FRAMES.map((each) => each[of] as number[][][]));
const labelsOf = (of: 'previous' | 'target' | 'next') =>
  tf.tensor3d(
    LABELS.flatMap((each) => each[of]),
    [2, HEIGHT, WIDTH],
    'int32',
  );

function batch(): SgdepthBatch {
  return asTensors(SGDEPTH_BATCH, {
    image: seen(IMAGES.target, 2),
    previousImage: seen(IMAGES.previous, 2),
    nextImage: seen(IMAGES.next, 2),
    picture: stacked('target'),
    previousPicture: stacked('previous'),
    nextPicture: stacked('next'),
    intrinsics: tf.tensor2d(MOVES.map((move) => [2.5 * move, 30, 31.5, 15.5])),
    labels: labelsOf('target'),
    previousLabels: labelsOf('previous'),
    nextLabels: labelsOf('next'),
    // The first image is trained without mask.
    isStatic: tf.tensor1d([1, 0]),
    sourceImage: seen(IMAGES.source, 1),
    sourceLabels: tf.tensor3d(SOURCE_LABELS, [1, HEIGHT, WIDTH], 'int32'),
  });
}

/** The camera moves by 0.4 m to the right in a step, and sees the walls, whatever the pictures show. */
function wall(options: SgdepthOptions): Record<string, tf.Tensor> {
  const values = tensorsOf(startingParameters(options));
  const constant = (name: string, bias: readonly number[]) => {
    const weight = values[`${name}.weight`];
    if (weight === undefined) throw new Error(`no ${name}`);
    values[`${name}.weight`] = tf.zerosLike(weight);
    values[`${name}.bias`] = tf.tensor1d([...bias]);
  };
  for (const [scale, meters] of DEPTHS.entries()) {
    const sigma = (1 / meters - 1 / 100) / (1 / 0.1 - 1 / 100);
    constant(`depth.dispconv_${scale}`, [Math.log(sigma / (1 - sigma))]);
  }
  // laterFromEarlier: points move to the left.
  constant('pose.conv_2', [0, 0, 0, -40, 0, 0]);
  constant('segmentation.logits', CLASS_LOGITS);
  return values;
}

/** What follows for an image at one scale: the target's pixel x lies at x - shift in the next frame, x + shift in the previous. */
function errorsOf(image: number, scale: number): { errors: number[]; explained: number[] } {
  const { previous, target, next } = FRAMES[image] ?? { previous: [], target: [], next: [] };
  const shift = (MOVES[image] ?? 0) / (DEPTHS[scale] ?? 1);
  const [a, b, c, d] = [shifted(previous, shift), shifted(next, -shift), previous, next].map((other) =>
    photometricErrors(target, other),
  );
  const least = (p: readonly number[] = [], q: readonly number[] = []) =>
    p.map((value, i) => Math.min(value, q[i] ?? Number.NaN));
  const [warped, still] = [least(a, b), least(c, d)];
  return { errors: least(warped, still), explained: warped.map((w, i) => (w < (still[i] ?? 0) ? 1 : 0)) };
}

/** Eq. 8 and 10 at the finest scale. */
function masksOf(image: number): { mask: number[]; overlap: number } {
  const { previous = [], target = [], next = [] } = LABELS[image] ?? {};
  const shift = (MOVES[image] ?? 0) / (DEPTHS[0] ?? 1);
  const warped = (labels: readonly number[], pixels: number) =>
    labels.map((_, i) => {
      const x = (i % WIDTH) + pixels;
      return x >= 0 && x < WIDTH && labels[i + pixels] === 13;
    });
  const own = target.map((label) => label === 13);
  const sources = [warped(previous, shift), warped(next, -shift)];
  const union = (other: readonly boolean[]) => own.filter((is, i) => is || other[i]).length;
  const both = (other: readonly boolean[]) => own.filter((is, i) => is && other[i]).length;
  return {
    mask: own.map((is, i) => (is || sources.some((source) => source[i]) ? 0 : 1)),
    overlap: mean(sources.map((source) => both(source) / union(source))),
  };
}

/** Eq. 5 of logits that are the same everywhere, averaged over the labelled pixels. */
function crossEntropy(weights: readonly number[]): number {
  const sum = CLASS_LOGITS.reduce((total, logit) => total + Math.exp(logit), 0);
  const terms = SOURCE_LABELS.filter((label) => label < 19).map(
    (label) => -(weights[label] ?? 0) * Math.log(Math.exp(CLASS_LOGITS[label] ?? 0) / sum),
  );
  return mean(terms);
}

test.serial('every term of the loss is what the equations say, computed by hand pixel by pixel', (t) => {
  const scope = Scope.over(wall(TINY), true);
  const { loss, metrics, overlaps } = sgdepthLoss(scope, batch(), TINY);
  const images = [0, 1].map((image) => {
    const { mask, overlap } = masksOf(image);
    const scales = DEPTHS.map((_, scale) => errorsOf(image, scale));
    const photometric = mean(scales.map(({ errors }) => mean(errors)));
    const masked = mean(scales.map(({ errors }) => mean(errors.map((error, i) => error * (mask[i] ?? 0)))));
    return { mask, overlap, photometric, masked, explained: mean(scales[0]?.explained ?? []) };
  });
  const near = (got: tf.Tensor | undefined, expected: number, what: string) =>
    t.true(Math.abs(number(got) - expected) < 2e-4, `${what}: ${number(got)}, by hand ${expected}`);
  near(metrics.photometric, mean(images.map((each) => each.photometric)), 'eq. 3');
  near(metrics.smoothness, 0, 'eq. 4: a wall is smooth');
  near(metrics.explained, mean(images.map((each) => each.explained)), 'auto-mask');
  near(metrics.masked, 1 - mean(images.map((each) => mean(each.mask))), 'eq. 8');
  for (const [image, { overlap }] of images.entries()) {
    t.true(Math.abs((overlaps?.dataSync()[image] ?? 9) - overlap) < 1e-5, `eq. 10: ${overlap}`);
  }
  const entropy = crossEntropy(TINY.classWeights ?? []);
  near(metrics.segmentation, entropy, 'eq. 5');
  // Eq. 11: the first image is static, the second is not.
  const [first, second] = images;
  t.true(Math.abs((first?.masked ?? 0) - (first?.photometric ?? 0)) > 5e-3, 'masks matter');
  near(loss, ((first?.photometric ?? 0) + (second?.masked ?? 0)) / 2 + entropy, 'eq. 11');
});

test.serial('validation warps, masks and explains the same wall in the same way', (t) => {
  const scope = Scope.over(wall(TINY), false);
  const { disparity, warped, error, explained, labels, mask, overlaps } = inspect(scope, batch(), TINY);
  t.true(Math.abs(number(disparity.max()) - 0.25) < 1e-5 && Math.abs(number(disparity.min()) - 0.25) < 1e-5);
  const expected = [0, 1].map((image) =>
    shifted(FRAMES[image]?.previous ?? [], (MOVES[image] ?? 0) / 4),
  ) as number[][][][];
  t.true(number(warped.sub(tf.tensor4d(expected)).abs().max()) < 1e-4);
  const by = [0, 1].map((image) => errorsOf(image, 0));
  t.true(Math.abs(number(error.mean()) - mean(by.flatMap(({ errors }) => errors))) < 1e-4);
  t.true(Math.abs(number(explained.mean()) - mean(by.flatMap((each) => each.explained))) < 2e-4);
  // The network takes everything for cars: only what lies beyond a neighbour's border differs.
  t.deepEqual([number(labels?.min()), number(labels?.max()), number(mask?.max())], [13, 13, 0]);
  for (const [image, move] of MOVES.entries()) {
    t.true(Math.abs((overlaps?.dataSync()[image] ?? 0) - (WIDTH - move / 4) / WIDTH) < 1e-5);
  }
});

test.serial('target and source share the statistics of the encoder', (t) => {
  const values = wall(TINY);
  const shape = values['encoder.conv1.weight']?.shape as [number, number, number, number];
  // The first filter takes every second pixel of the first channel.
  const filter = tf.buffer(shape);
  filter.set(1, 3, 3, 0, 0);
  const scope = Scope.over({ ...values, 'encoder.conv1.weight': filter.toTensor() }, true);
  const given = batch();
  sgdepthLoss(scope, given, TINY);
  const taken = [given.image, given.sourceImage as tf.Tensor4D].flatMap((images) =>
    (images.arraySync() as number[][][][]).flatMap((image) =>
      image
        .filter((_, y) => y % 2 === 0)
        .flatMap((row) => row.filter((_, x) => x % 2 === 0).map(([v = 0]) => v)),
    ),
  );
  const running = scope.updates()['encoder.bn1.running_mean']?.dataSync()[0] ?? Number.NaN;
  t.is(taken.length, (3 * HEIGHT * WIDTH) / 4);
  t.true(Math.abs(running - mean(taken)) < 1e-5, `${running}, by hand ${mean(taken)}`);
});

test.serial('smoothness is taken at each scale of its own size, halved from scale to scale', (t) => {
  const { classWeights: _, ...depthAlone }: SgdepthOptions = TINY;
  const values = tensorsOf(startingParameters(depthAlone));
  const { sourceImage: _image, sourceLabels: _labels, isStatic: _flags, ...rest } = batch();
  const { labels: _l, previousLabels: _p, nextLabels: _n, ...given } = rest;
  const { loss, metrics } = sgdepthLoss(Scope.over(values, true), given, depthAlone);
  const scope = Scope.over(values, true);
  const logits = depthHead(scope, encode(scope, given.image, TINY.network), TINY.network, 4);
  const terms = logits.map((x, scale) => {
    const disparity = disparityFromLogits(x, 0.1, 100).arraySync() as number[][][][];
    return (
      mean(disparity.map((image, i) => smoothnessByHand(image, FRAMES[i]?.target ?? [])) as number[]) /
      2 ** scale
    );
  });
  t.true(Math.abs(number(metrics.smoothness) - mean(terms)) < 1e-4 * mean(terms), `${terms}`);
  const share = number(loss) - number(metrics.photometric);
  t.true(Math.abs(share - 1e-3 * mean(terms)) < 2e-7, 'beta = 1e-3');
});

/** Eq. 4 of one image from its definition; the picture is averaged down to the disparity's size. */
function smoothnessByHand(disparity: readonly (readonly (readonly number[])[])[], picture: Grid): number {
  const [height, width] = [disparity.length, disparity[0]?.length ?? 0];
  const factor = picture.length / height;
  const rho = disparity.map((row) => row.map(([value = Number.NaN]) => value));
  const average = mean(rho.flat());
  const cell = (x: number, y: number, c: number) =>
    mean(
      Array.from(
        { length: factor * factor },
        (_, k) =>
          picture[y * factor + Math.floor(k / factor)]?.[x * factor + (k % factor)]?.[c] ?? Number.NaN,
      ),
    );
  const along = (dx: number, dy: number) => {
    const terms: number[] = [];
    for (let y = 0; y < height - dy; y++) {
      for (let x = 0; x < width - dx; x++) {
        const step = Math.abs((rho[y + dy]?.[x + dx] ?? 0) - (rho[y]?.[x] ?? 0)) / average;
        const edge = mean([0, 1, 2].map((c) => Math.abs(cell(x + dx, y + dy, c) - cell(x, y, c))));
        terms.push(step * Math.exp(-edge));
      }
    }
    return mean(terms);
  };
  return along(1, 0) + along(0, 1);
}

test.serial('both poses are of frames in the order of time, the previous one turned round', (t) => {
  const values = tensorsOf(startingParameters(TINY));
  const weight = values['pose.conv_2.weight'] as tf.Tensor;
  // Large enough that the two motions differ.
  const scope = Scope.over({ ...values, 'pose.conv_2.weight': weight.mul(300) }, false);
  const given = batch();
  const [previous, next] = sourceViews(scope, given, TINY.pose) as [SourceView, SourceView];
  const motion = (earlier: tf.Tensor4D, later: tf.Tensor4D) =>
    poseFromVector(poseNetwork(scope, earlier, later, TINY.pose));
  const before = motion(given.previousImage, given.image);
  const after = motion(given.image, given.nextImage);
  t.true(number(before.sub(after).abs().max()) > 0.05, 'the two motions differ');
  const identity = tf.eye(4).expandDims<tf.Tensor3D>(0).tile([2, 1, 1]);
  const back = tf.matMul(previous.sourceFromTarget, before);
  t.true(number(back.sub(identity).abs().max()) < 1e-4);
  t.true(number(next.sourceFromTarget.sub(after).abs().max()) < 1e-5);
  t.true(previous.picture === given.previousPicture && next.picture === given.nextPicture);
});
