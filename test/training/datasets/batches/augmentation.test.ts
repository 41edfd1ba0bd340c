import test from 'ava';
import {
  drawColorChange,
  drawWindow,
  NO_AUGMENTATION,
  NO_COLOR_AUGMENTATION,
  STRONG_AUGMENTATION,
} from '../../../../training/datasets/batches/augmentation.js';
import { Random } from '../../../../training/simulator/random.js';
import { sampleOf } from '../samples.js';

const near = (a: number, b: number, tolerance = 1e-9): boolean => Math.abs(a - b) < tolerance;

function apply(matrix: readonly number[], rgb: readonly number[]): number[] {
  return [0, 1, 2].map((i) => rgb.reduce((sum, value, j) => sum + (matrix[i * 3 + j] ?? 0) * value, 0));
}

test('without augmentation the colours stay and the window is the largest centred one', (t) => {
  const random = new Random(1);
  const change = drawColorChange(NO_AUGMENTATION, random);
  const identity = [1, 0, 0, 0, 1, 0, 0, 0, 1];
  t.true(change.matrix.every((value, i) => near(value, identity[i] ?? 0)));
  t.is(Math.abs(change.offset), 0);
  t.is(change.gamma, 1);
  t.is(change.noise, 0);
  const wide = drawWindow(sampleOf(40, 10), 8, 4, NO_AUGMENTATION, random);
  t.deepEqual(wide, { left: 10, top: 0, step: 2.5, flipped: false });
  const tall = drawWindow(sampleOf(10, 40), 8, 4, NO_AUGMENTATION, random);
  t.deepEqual(tall, { left: 0, top: 17.5, step: 1.25, flipped: false });
});

test('without changes of colour pictures are still cropped and mirrored', (t) => {
  const identity = [1, 0, 0, 0, 1, 0, 0, 0, 1];
  const sample = sampleOf(70, 22);
  const sizes: number[] = [];
  let flips = 0;
  for (let seed = 0; seed < 100; seed++) {
    const random = new Random(seed);
    const { step, flipped } = drawWindow(sample, 32, 16, NO_COLOR_AUGMENTATION, random);
    sizes.push((32 * step) / 44);
    flips += flipped ? 1 : 0;
    const { matrix, gamma, noise } = drawColorChange(NO_COLOR_AUGMENTATION, random);
    t.true(matrix.every((value, i) => near(value, identity[i] ?? 0)));
    t.deepEqual([gamma, noise], [1, 0]);
  }
  t.true(Math.min(...sizes) < 0.75 && Math.max(...sizes) > 0.95);
  t.true(Math.abs(flips - 50) < 20);
});

test('every window lies inside the sample, keeps its size within the range and is flipped half of the time', (t) => {
  const sample = sampleOf(70, 22);
  let flips = 0;
  const places = { left: [1, 0], top: [1, 0] };
  for (let seed = 0; seed < 500; seed++) {
    const { left, top, step, flipped } = drawWindow(sample, 32, 16, STRONG_AUGMENTATION, new Random(seed));
    const width = 32 * step;
    const height = 16 * step;
    t.true(left >= 0 && top >= 0 && left + width <= 70 + 1e-9 && top + height <= 22 + 1e-9, `seed ${seed}`);
    t.true(width >= 0.7 * 44 - 1e-9 && width <= 44 + 1e-9, 'the largest window is 44 x 22');
    const x = left / (70 - width);
    places.left = [Math.min(places.left[0] ?? 1, x), Math.max(places.left[1] ?? 0, x)];
    flips += flipped ? 1 : 0;
  }
  t.true((places.left[0] ?? 1) < 0.05 && (places.left[1] ?? 0) > 0.95, 'windows reach both sides');
  t.true(Math.abs(flips - 250) < 50);
});

test('a change of hue or saturation keeps grey as it is', (t) => {
  const options = { ...NO_AUGMENTATION, hue: 0.5 };
  for (let seed = 0; seed < 20; seed++) {
    const { matrix } = drawColorChange(options, new Random(seed));
    t.true(apply(matrix, [0.3, 0.3, 0.3]).every((value) => near(value, 0.3)));
  }
  const gray = drawColorChange({ ...NO_AUGMENTATION, gray: 1 }, new Random(1)).matrix;
  const luma = 0.299 * 0.2 + 0.587 * 0.5 + 0.114 * 0.9;
  t.true(
    apply(gray, [0.2, 0.5, 0.9]).every((value) => near(value, luma)),
    'a grey image has the luma of BT.601',
  );
});

test('hue is a rotation: lengths and grey value stay, a third of the circle exchanges the channels', (t) => {
  const half = drawColorChange({ ...NO_AUGMENTATION, hue: 0.5 }, new Random(4)).matrix;
  const before = [0.9, 0.2, 0.4];
  const after = apply(half, before);
  t.true(
    near(
      after.reduce((a, b) => a + b),
      1.5,
    ),
  );
  t.true(near(Math.hypot(...after), Math.hypot(...before)));
  // `uniform(-hue, hue)` of a generator that always says 1/2 + 1/3.
  const third = {
    uniform: (low = 0, high = 1) => low + (high - low) * (5 / 6),
    chance: () => false,
    logUniform: () => 1,
  };
  const { matrix } = drawColorChange({ ...NO_AUGMENTATION, hue: 0.5 }, third as unknown as Random); // only these are called
  const turned = apply(matrix, [1, 0, 0]);
  t.deepEqual(
    turned.map((value) => Math.round(value * 1e9) / 1e9 + 0),
    [0, 1, 0],
    'red becomes green',
  );
});

test('brightness and contrast change a grey value as documented', (t) => {
  for (let seed = 0; seed < 20; seed++) {
    const { matrix, offset } = drawColorChange({ ...NO_AUGMENTATION, color: 0.3 }, new Random(seed));
    const at = (grey: number) => (apply(matrix, [grey, grey, grey])[0] ?? 0) + offset;
    const brightness = at(0.45) / 0.45; // contrast leaves 0.45 alone
    const contrast = (at(1) - at(0)) / brightness;
    t.true(brightness >= 0.7 && brightness <= 1.3);
    t.true(contrast >= 0.7 && contrast <= 1.3);
  }
});

test('gamma is drawn on both sides of 1 alike, noise up to its bound', (t) => {
  const changes = Array.from({ length: 400 }, (_, seed) =>
    drawColorChange(STRONG_AUGMENTATION, new Random(seed)),
  );
  t.true(
    changes.every(({ gamma, noise }) => gamma >= 1 / 1.5 && gamma <= 1.5 && noise >= 0 && noise <= 0.04),
  );
  t.true(Math.abs(changes.filter(({ gamma }) => gamma > 1).length - 200) < 50);
});
