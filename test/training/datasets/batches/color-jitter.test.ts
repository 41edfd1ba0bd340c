import test from 'ava';
import { emptyBatch, fillBatch } from '../../../../training/datasets/batches/batch.js';
import {
  type ColorStep,
  drawColorJitter,
  jittered,
} from '../../../../training/datasets/batches/color-jitter.js';
import {
  emptyTripletBatch,
  fillTriplet,
  SGDEPTH_AUGMENTATION,
} from '../../../../training/datasets/batches/triplet-batch.js';
import { Random } from '../../../../training/simulator/random.js';
import { plainOptions, sampleOf } from '../samples.js';

const PICTURE = Uint8Array.of(200, 40, 90, 12, 250, 130, 0, 0, 0, 255, 255, 255, 77, 78, 79, 5, 60, 240);

/** What Pillow 13.0 makes of that picture: ImageEnhance, and a hue that is added to in HSV as torchvision does. */
const PILLOW: readonly (readonly [ColorStep['kind'], number, readonly number[]])[] = [
  ['brightness', 1.2, [240, 48, 108, 14, 255, 156, 0, 0, 0, 255, 255, 255, 92, 93, 94, 6, 72, 255]],
  ['brightness', 0.83, [166, 33, 74, 9, 207, 107, 0, 0, 0, 211, 211, 211, 63, 64, 65, 4, 49, 199]],
  ['contrast', 1.2, [218, 26, 86, 0, 255, 134, 0, 0, 0, 255, 255, 255, 70, 71, 73, 0, 50, 255]],
  ['contrast', 0.8, [181, 53, 93, 31, 221, 125, 21, 21, 21, 225, 225, 225, 83, 84, 85, 25, 69, 213]],
  ['saturation', 1.2, [221, 29, 89, 0, 255, 123, 0, 0, 0, 255, 255, 255, 76, 78, 79, 0, 59, 255]],
  ['saturation', 0.85, [184, 48, 90, 34, 237, 135, 0, 0, 0, 255, 255, 255, 77, 78, 78, 13, 60, 213]],
  ['hue', 0.1, [200, 78, 40, 13, 230, 250, 0, 0, 0, 255, 255, 255, 77, 77, 79, 88, 6, 240]],
  ['hue', -0.07, [200, 40, 157, 13, 250, 35, 0, 0, 0, 255, 255, 255, 77, 79, 79, 6, 155, 240]],
];

for (const [kind, amount, expected] of PILLOW) {
  test(`${kind} by ${amount} is what Pillow makes of it`, (t) => {
    const before = PICTURE.slice();
    t.deepEqual([...jittered(PICTURE, [{ kind, amount }])], [...expected]);
    t.deepEqual(PICTURE, before, 'the picture stays as it is');
  });
}

test('changes follow one another, in their order', (t) => {
  const steps: ColorStep[] = [
    { kind: 'contrast', amount: 1.15 },
    { kind: 'hue', amount: 0.05 },
    { kind: 'saturation', amount: 0.9 },
    { kind: 'brightness', amount: 1.1 },
  ];
  t.deepEqual(
    [...jittered(PICTURE, steps)],
    [220, 37, 46, 18, 255, 220, 0, 0, 0, 255, 255, 255, 79, 80, 80, 20, 3, 255],
  );
  t.notDeepEqual(jittered(PICTURE, steps.toReversed()), jittered(PICTURE, steps));
});

test('half of the time nothing changes, else all four within their ranges, in every order alike', (t) => {
  const drawn = Array.from({ length: 4800 }, (_, seed) =>
    drawColorJitter({ color: 0.2, hue: 0.1 }, new Random(seed)),
  );
  const changed = drawn.filter((steps) => steps.length > 0);
  t.true(Math.abs(changed.length - 2400) < 200, String(changed.length));
  const orders = new Map<string, number>();
  for (const steps of changed) {
    const order = steps.map(({ kind }) => kind).join();
    orders.set(order, (orders.get(order) ?? 0) + 1);
  }
  // 24 orders, about a hundred times each.
  t.is(orders.size, 24);
  t.true([...orders.values()].every((count) => count > 55 && count < 150));
  const amounts = (kind: ColorStep['kind']) =>
    changed.flatMap((steps) => steps.filter((step) => step.kind === kind).map(({ amount }) => amount));
  for (const kind of ['brightness', 'contrast', 'saturation'] as const) {
    const [least, most] = [Math.min(...amounts(kind)), Math.max(...amounts(kind))];
    t.true(least >= 0.8 && least < 0.81 && most <= 1.2 && most > 1.19, kind);
  }
  const hues = amounts('hue');
  t.true(Math.min(...hues) >= -0.1 && Math.min(...hues) < -0.095);
  t.true(Math.max(...hues) <= 0.1 && Math.max(...hues) > 0.095);
});

const AUGMENTATION = { ...SGDEPTH_AUGMENTATION, flip: false, jitter: true };
const bytes = (planes: Float32Array, pixels: number) =>
  Array.from({ length: 3 * pixels }, (_, i) => 255 * (planes[(i % 3) * pixels + Math.floor(i / 3)] ?? 0));
const near = (a: readonly number[], b: ArrayLike<number>) =>
  a.every((x, i) => Math.abs(x - (b[i] ?? 0)) < 1e-2);

test('the frames of a triplet change alike, for the network alone', (t) => {
  const options = {
    ...{ batchSize: 1, width: 3, height: 2, augmentation: AUGMENTATION },
    ...{ mean: [0, 0, 0] as const, std: [1, 1, 1] as const },
  };
  const triplet = {
    ...{ width: 3, height: 2, target: PICTURE, previous: PICTURE, next: PICTURE },
    intrinsics: { fx: 1, fy: 1, cx: 1, cy: 0.5 },
  };
  let kept = 0;
  for (let seed = 0; seed < 20; seed++) {
    const batch = emptyTripletBatch(options);
    fillTriplet(batch, 0, triplet, options, new Random(seed));
    t.true(near(bytes(batch.picture, 6), PICTURE));
    t.deepEqual(batch.previousImage, batch.image);
    t.deepEqual(batch.nextImage, batch.image);
    // Nothing else is drawn before the colours.
    t.true(near(bytes(batch.image, 6), jittered(PICTURE, drawColorJitter(AUGMENTATION, new Random(seed)))));
    kept += near(bytes(batch.image, 6), PICTURE) ? 1 : 0;
  }
  t.true(kept > 3 && kept < 17, String(kept));
});

test('labelled samples change in the same way, and keep their truth', (t) => {
  const sample = { ...sampleOf(3, 2), rgb: PICTURE };
  const options = { ...plainOptions(3, 2), augmentation: AUGMENTATION };
  let changed = 0;
  for (let seed = 0; seed < 12; seed++) {
    const batch = emptyBatch(options);
    fillBatch(batch, 0, sample, options, new Random(seed));
    t.deepEqual([...batch.labels], [...sample.labels]);
    changed += near(bytes(batch.image, 6), PICTURE) ? 0 : 1;
  }
  t.true(changed > 1 && changed < 11, String(changed));
});
