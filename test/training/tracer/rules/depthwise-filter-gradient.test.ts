import * as tf from '@tensorflow/tfjs';
import test from 'ava';
import { compile } from '../../../../training/tracer/compile.js';

const [BATCH, HEIGHT, WIDTH, CHANNELS] = [2, 64, 72, 64];
const SHAPE = [BATCH, HEIGHT, WIDTH, CHANNELS];
const SIZE = BATCH * HEIGHT * WIDTH * CHANNELS;

/** Numbers without a pattern, the same ones always. */
function numbers(seed: number): Float32Array {
  let state = seed;
  return Float32Array.from({ length: SIZE }, () => {
    state = (state * 1664525 + 1013904223) % 4294967296;
    return state / 4294967296 - 0.5;
  });
}

test("a depthwise filter's gradient over images of more than a mebibyte is what each tap saw times the gradient", async (t) => {
  const [x, dy] = [numbers(1), numbers(2)];
  const compiled = await compile(
    ({ image, given, filter }) => {
      const loss = (w: tf.Tensor): tf.Scalar =>
        tf
          .depthwiseConv2d(image as tf.Tensor4D, w as tf.Tensor4D, 1, 'same')
          .mul(given)
          .sum();
      return { gradient: tf.grad(loss)(filter) };
    },
    {
      image: { shape: SHAPE, dtype: 'float32' },
      given: { shape: SHAPE, dtype: 'float32' },
      filter: { shape: [3, 3, CHANNELS, 1], dtype: 'float32' },
    },
    { threads: 1 },
  );
  const filter = new Float32Array(9 * CHANNELS);
  const { gradient } = await compiled.run({ image: x, given: dy, filter });
  await compiled.close();
  const at = (values: Float32Array, n: number, row: number, column: number, channel: number): number =>
    row < 0 || column < 0 || row >= HEIGHT || column >= WIDTH
      ? 0
      : (values[((n * HEIGHT + row) * WIDTH + column) * CHANNELS + channel] ?? Number.NaN);
  for (const channel of [0, 17, CHANNELS - 1]) {
    for (let tap = 0; tap < 9; tap++) {
      const [ky, kx] = [Math.floor(tap / 3) - 1, (tap % 3) - 1];
      let wanted = 0;
      for (let n = 0; n < BATCH; n++)
        for (let row = 0; row < HEIGHT; row++)
          for (let column = 0; column < WIDTH; column++)
            wanted += at(x, n, row + ky, column + kx, channel) * at(dy, n, row, column, channel);
      const got = Number(gradient?.data[tap * CHANNELS + channel]);
      t.true(Math.abs(got - wanted) < 1e-3, `channel ${channel}, tap ${tap}: ${got}, expected ${wanted}`);
    }
  }
});
