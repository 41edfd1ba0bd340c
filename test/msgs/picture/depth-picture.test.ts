import test from 'ava';
import { MessageError } from '../../../msgs/errors.js';
import { DEPTH_COLORS } from '../../../msgs/picture/depth-colors.js';
import { depthPicture } from '../../../msgs/picture/depth-picture.js';

const luminance = (rgb: Uint8Array, index: number): number => {
  const linear = (value: number): number => (value / 255) ** 2.2;
  const [r = 0, g = 0, b = 0] = rgb.subarray(index * 3, index * 3 + 3);
  return 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
};

test('the luminance of the depth colours rises with every step', (t) => {
  for (let i = 1; i < 256; i++) {
    t.true(luminance(DEPTH_COLORS, i) > luminance(DEPTH_COLORS, i - 1) - 1e-3, `entry ${i}`);
  }
  t.true(luminance(DEPTH_COLORS, 0) < 0.01);
  t.true(luminance(DEPTH_COLORS, 255) > 0.8);
});

test('nearer depths are drawn brighter', (t) => {
  const { rgb } = depthPicture([3, 5, 10, 20, 40, 79], 1, 6);
  for (let i = 1; i < 6; i++) t.true(luminance(rgb, i) < luminance(rgb, i - 1));
});

test('depths beyond the range are drawn as its ends', (t) => {
  const { rgb } = depthPicture([1, 3, 80, 500], 2, 2);
  t.deepEqual(rgb.slice(0, 3), rgb.slice(3, 6));
  t.deepEqual(rgb.slice(6, 9), rgb.slice(9, 12));
});

test('infinity is a neutral colour of its own; NaN, zero and negative depths are black', (t) => {
  const { rgb } = depthPicture([Number.POSITIVE_INFINITY, Number.NaN, 0, -1], 1, 4);
  t.true(Math.min(...rgb.subarray(0, 3)) > 100);
  t.deepEqual([...rgb.subarray(3)], Array(9).fill(0));
});

test('a depth image of the wrong length and an empty range are refused', (t) => {
  t.throws(() => depthPicture([1, 2, 3], 2, 2), { instanceOf: MessageError, message: /`4` values, got `3`/ });
  t.throws(() => depthPicture([1], 1, 1, { nearMeters: 5, farMeters: 5 }), { instanceOf: MessageError });
});
