import test from 'ava';
import { NO_AUGMENTATION } from '../../../../training/datasets/batches/augmentation.js';
import { emptyBatch, fillBatch } from '../../../../training/datasets/batches/batch.js';
import { emptyPictureBatch, fillPictures } from '../../../../training/datasets/batches/picture-batch.js';
import { boxMean, type StylePicture } from '../../../../training/datasets/stylisation/style-picture.js';
import { STYLES, stylise } from '../../../../training/datasets/stylisation/stylise.js';
import { Random } from '../../../../training/simulator/random.js';
import { plainOptions, sampleOf } from '../samples.js';

const [WIDTH, HEIGHT] = [48, 32];
const SEEDS = [1, 2, 3, 4, 5, 6];

/** Dark on the left, bright on the right. */
function halves(): StylePicture {
  const rgb = new Float32Array(3 * WIDTH * HEIGHT);
  for (let i = 0; i < rgb.length; i++) {
    const [x, y] = [i % WIDTH, Math.floor(i / WIDTH)];
    rgb[i] = (x < WIDTH / 2 ? 0.2 : 0.75) + 0.02 * ((x + y) % 3);
  }
  return { width: WIDTH, height: HEIGHT, rgb };
}

/** Mean of a plane's columns [from, to). */
function mean({ rgb }: StylePicture, plane: number, from: number, to: number): number {
  const at = (i: number) => i % WIDTH >= from && i % WIDTH < to;
  const values = rgb.subarray(plane * WIDTH * HEIGHT, (plane + 1) * WIDTH * HEIGHT).filter((_, i) => at(i));
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

for (const [name, style] of Object.entries(STYLES)) {
  test(`${name}: the seed decides, values stay in 0..1, and what is shown stays where it was`, (t) => {
    const contrasts = SEEDS.map((seed) => {
      const [picture, again] = [halves(), halves()];
      style(picture, new Random(seed));
      style(again, new Random(seed));
      t.deepEqual(picture.rgb, again.rgb);
      t.true(picture.rgb.every((value) => value >= 0 && value <= 1));
      t.notDeepEqual(picture.rgb, halves().rgb);
      const steps = [0, 1, 2].map((plane) =>
        Math.abs(mean(picture, plane, 0, 22) - mean(picture, plane, 26, 48)),
      );
      return Math.max(...steps);
    });
    // By far most styles show the two halves.
    t.true(contrasts.filter((contrast) => contrast > 0.1).length >= 5, contrasts.join(' '));
  });
}

test('there are eight families, and pictures get one or two of them', (t) => {
  t.is(Object.keys(STYLES).length, 8);
  const seen = new Set<string>();
  for (let seed = 0; seed < 60; seed++) {
    const names = stylise(halves(), new Random(seed));
    t.true(names.length === 1 || names.length === 2);
    for (const name of names) seen.add(name);
  }
  t.deepEqual([...seen].sort(), Object.keys(STYLES).sort());
});

test('means over squares take what lies in the picture', (t) => {
  const plane = Float32Array.of(1, 2, 3, 4, 5, 6);
  t.deepEqual([...boxMean(plane, 3, 2, 1)], [3, 3.5, 4, 3, 3.5, 4]);
  t.deepEqual([...boxMean(plane, 3, 2, 0)], [1, 2, 3, 4, 5, 6]);
  t.deepEqual([...boxMean(plane, 3, 2, 9)], new Array(6).fill(3.5));
});

test('as an augmentation a style changes the image alone, new for every view, and nothing where it is not asked for', (t) => {
  const sample = sampleOf(WIDTH, HEIGHT, { depth: (x) => 5 + x, label: (x) => x % 19 });
  const options = plainOptions(WIDTH, HEIGHT);
  const view = (style: number | undefined, seed: number) => {
    const batch = emptyBatch(options);
    const augmentation = { ...NO_AUGMENTATION, ...(style !== undefined && { style }) };
    fillBatch(batch, 0, sample, { ...options, augmentation }, new Random(seed));
    return batch;
  };
  const [plain, styled, other] = [view(undefined, 1), view(1, 1), view(1, 2)];
  t.deepEqual(view(0, 1), plain);
  t.notDeepEqual(styled.image, plain.image);
  t.notDeepEqual(styled.image, other.image);
  t.deepEqual({ ...styled, image: plain.image }, plain);
});

test('pictures without truth are stylised too, their own colours beside that are not', (t) => {
  const sample = sampleOf(WIDTH, HEIGHT);
  const { mean: m, std } = plainOptions(WIDTH, HEIGHT);
  const view = (style: number) => {
    const options = {
      ...{ batchSize: 1, width: WIDTH, height: HEIGHT, mean: m, std },
      augmentation: { ...NO_AUGMENTATION, style },
    };
    const batch = emptyPictureBatch(options, ['image', 'picture']);
    fillPictures(batch, 0, sample, options, new Random(1));
    return batch;
  };
  const [plain, styled] = [view(0), view(1)];
  t.notDeepEqual(styled.image, plain.image);
  t.deepEqual(styled.picture, plain.picture);
});
