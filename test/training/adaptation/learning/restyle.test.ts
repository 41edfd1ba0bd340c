import test from 'ava';
import { noiseOf, restyled } from '../../../../training/adaptation/learning/restyle.js';
import { Random } from '../../../../training/simulator/random.js';

const size = { width: 64, height: 32 };

/** A slope from dark to bright, equal in every channel, with noise. */
function slope(low: number, high: number, noise: number, seed: number) {
  const random = new Random(seed, 1);
  const rgb = new Uint8Array(3 * size.width * size.height);
  for (let i = 0; i < rgb.length; i += 3) {
    const at = ((i / 3) % size.width) / (size.width - 1);
    const value = low + (high - low) * at + random.normal(0, noise);
    rgb.fill(Math.max(0, Math.min(255, Math.round(value))), i, i + 3);
  }
  return { ...size, rgb };
}

const mean = (rgb: Uint8Array) => rgb.reduce((a, b) => a + b, 0) / rgb.length;

test('the noise of a picture is found, whatever it shows', (t) => {
  for (const sigma of [2, 5, 10]) {
    const found = noiseOf(slope(60, 190, sigma, 3));
    t.true(Math.abs(found - sigma) < 0.2 * sigma + 0.3, `${found} instead of ${sigma}`);
  }
});

test('a restyled picture has the grey values and the noise of the other, and still shows the same', (t) => {
  const picture = slope(20, 120, 0, 1);
  const like = slope(100, 230, 6, 2);
  const rgb = restyled(picture, like, new Random(5, 1));
  t.true(Math.abs(mean(rgb) - mean(like.rgb)) < 2);
  t.true(Math.abs(noiseOf({ ...size, rgb }) - 6) < 2);
  const column = (x: number) => {
    let sum = 0;
    for (let y = 0; y < size.height; y++) sum += rgb[3 * (y * size.width + x)] / size.height;
    return sum;
  };
  t.true(column(8) < column(30) && column(30) < column(55), 'dark on the left, bright on the right');
});

test('a picture in its own look stays as it is', (t) => {
  const picture = slope(30, 200, 4, 7);
  t.deepEqual(restyled(picture, picture, new Random(1, 1)), picture.rgb);
});
