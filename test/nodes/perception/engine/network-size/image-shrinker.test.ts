import test from 'ava';
import { ImageShrinker } from '../../../../../nodes/perception/engine/network-size/image-shrinker.js';
import { largestDifference, resized, SIZES, TOLERANCE } from './resized.js';

const KINDS = [
  { bytesPerPixel: 3, channelOrder: [0, 1, 2] },
  { bytesPerPixel: 4, channelOrder: [2, 1, 0] },
  { bytesPerPixel: 1, channelOrder: [0, 0, 0] },
] as const;

test('an image is shrunk to the numbers that onnxruntime gives, whatever its size, channels and row padding', async (t) => {
  for (const { camera, network } of SIZES) {
    for (const { bytesPerPixel, channelOrder } of KINDS) {
      const { height, width } = camera;
      const step = width * bytesPerPixel + 5;
      const data = Uint8Array.from({ length: height * step }, (_, i) => (i * 97 + (i >> 3) * 31) % 256);
      const planes = Float32Array.from({ length: 3 * height * width }, (_, i) => {
        const [plane, row, column] = [
          Math.floor(i / (height * width)),
          Math.floor(i / width) % height,
          i % width,
        ];
        return data[row * step + column * bytesPerPixel + (channelOrder[plane] ?? 0)] ?? Number.NaN;
      });
      const shrinker = new ImageShrinker(camera, network);
      const pixels = { data, height, width, step, bytesPerPixel, channelOrder };
      const black = { ...pixels, data: new Uint8Array(data.length) };
      t.is(Math.max(...shrinker.shrink(black)), 0);
      const expected = await resized(planes, [1, 3, height, width], network, {
        mode: 'linear',
        antialias: 1,
      });
      const difference = largestDifference(shrinker.shrink(pixels), expected);
      t.true(difference <= TOLERANCE, `${height}x${width}, ${bytesPerPixel} bytes: ${difference}`);
    }
  }
});

test('a pixel without a channel that is asked for is refused', (t) => {
  const shrinker = new ImageShrinker({ height: 4, width: 4 }, { height: 2, width: 2 });
  const data = new Uint8Array(48);
  t.throws(
    () =>
      shrinker.shrink({
        data,
        height: 4,
        width: 4,
        step: 12,
        bytesPerPixel: 3,
        channelOrder: [0, 1, 5 as 2],
      }),
    { message: 'no channel 5 in a pixel' },
  );
});

test('an image that ends before its last row is refused', (t) => {
  const shrinker = new ImageShrinker({ height: 4, width: 4 }, { height: 2, width: 2 });
  const pixels = { height: 4, width: 4, step: 14, bytesPerPixel: 3, channelOrder: [0, 1, 2] } as const;
  t.notThrows(() => shrinker.shrink({ ...pixels, data: new Uint8Array(3 * 14 + 12) }));
  t.throws(() => shrinker.shrink({ ...pixels, data: new Uint8Array(3 * 14 + 11) }), {
    message: 'expected an image of at least `54` bytes for 4 rows of 14, got 53',
  });
});
