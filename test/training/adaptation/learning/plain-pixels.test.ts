import test from 'ava';
import { plainPixels } from '../../../../training/adaptation/learning/plain-pixels.js';

const WIDTH = 9;
const HEIGHT = 5;
const picture = (grey: (x: number, y: number) => number) =>
  Uint8Array.from({ length: 3 * WIDTH * HEIGHT }, (_, i) => {
    const at = Math.floor(i / 3);
    return grey(at % WIDTH, Math.floor(at / WIDTH));
  });
const rows = (even: Uint8Array) =>
  Array.from({ length: HEIGHT }, (_, y) => even.slice(y * WIDTH, (y + 1) * WIDTH).join(''));

test('an even picture, and one with the noise of a camera, tells nothing anywhere', (t) => {
  t.deepEqual(
    rows(
      plainPixels(
        picture(() => 90),
        WIDTH,
        HEIGHT,
      ),
    ),
    Array(HEIGHT).fill('111111111'),
  );
  const noisy = picture((x, y) => 90 + ((x + y) % 2));
  t.deepEqual(rows(plainPixels(noisy, WIDTH, HEIGHT)), Array(HEIGHT).fill('111111111'));
});

test('around an edge pixels tell depth, as far as the patch that is compared reaches', (t) => {
  const edge = picture((x) => (x < 5 ? 90 : 120));
  // Between 4 and 5 grey changes; neighbours see it.
  t.deepEqual(rows(plainPixels(edge, WIDTH, HEIGHT)), Array(HEIGHT).fill('111000111'));
  const level = picture((_, y) => (y < 1 ? 200 : 90));
  t.deepEqual(rows(plainPixels(level, WIDTH, HEIGHT)), [
    ...['000000000', '000000000'],
    ...['111111111', '111111111', '111111111'],
  ]);
});
