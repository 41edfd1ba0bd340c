import test from 'ava';
import type { EmbeddedNetwork } from '../../../training/perception-graph/perception-graph.js';
import {
  type Camera,
  FAR,
  floats,
  near,
  ONE_TO_ONE,
  perceive,
  plane,
  redNetwork,
  sessionOf,
  sizeNetwork,
} from './perceive.js';

test('the same scene at another resolution has the same depth', async (t) => {
  const session = await sessionOf(redNetwork(), 64 * 32);
  // Red falls linearly over the picture, so that every resize has the same value at the same place.
  const at = (factor: number): Camera => ({
    width: 64 * factor,
    height: 32 * factor,
    fx: 40 * factor,
    pixel: (x) => [Math.round(40 + ((x + 0.5) / (64 * factor)) * 200), 0, 0],
  });
  const one = await perceive(session, at(1));
  for (const factor of [2, 5]) {
    const other = await perceive(session, at(factor));
    for (let x = 4; x < 60; x++) {
      const centre = (Math.floor(16.5 * factor) * 64 + x) * factor + Math.floor(factor / 2);
      t.true(near(other.depth[centre], one.depth[16 * 64 + x] ?? 0, 0.03), `factor ${factor}, column ${x}`);
    }
  }
});

test('depth grows with the focal length and with the scale', async (t) => {
  const session = await sessionOf(redNetwork(), 64 * 32);
  const wall: Camera = { ...ONE_TO_ONE, pixel: () => [51, 0, 0] }; // disparity 0.2 at the canonical focal length
  t.true(near((await perceive(session, wall)).depth[99], 5));
  t.true(near((await perceive(session, { ...wall, fx: 150 })).depth[99], 15));
  t.true(near((await perceive(session, { ...wall, fx: 150, scale: 0.5 })).depth[99], 7.5));
  // Twice the pixels and twice the focal length: the same camera.
  t.true(near((await perceive(session, { ...wall, width: 128, height: 64, fx: 100 })).depth[99], 5));
});

test('pixels that are not square: the rows are resized by fx / fy more', async (t) => {
  const session = await sessionOf(redNetwork(), 64 * 32);
  // 64 x 16 pixels, twice as high as wide: for the network 64 x 32. Column widths decide the depth.
  const camera: Camera = { width: 64, height: 16, fx: 50, fy: 25, pixel: (_x, y) => [60 + y * 8, 0, 0] };
  const { depth } = await perceive(session, camera);
  for (let y = 2; y < 14; y++) t.true(near(depth[y * 64 + 30], 255 / (60 + y * 8), 0.02), `row ${y}`);
});

test('+Inf beyond the range, NaN where the network has none, zero in millimetres for both', async (t) => {
  const scene: EmbeddedNetwork = {
    ...sizeNetwork,
    // The red byte chooses; NaN is infinity - infinity.
    values(g, image) {
      const red = plane(g, image, 0);
      const is = (byte: number) =>
        g.op('Less', [g.op('Abs', [g.op('Sub', [red, floats(g, [byte / 255])])]), floats(g, [1e-4])]);
      const infinity = g.op('Mul', [red, floats(g, [Number.POSITIVE_INFINITY])]);
      const nan = g.op('Sub', [infinity, infinity]);
      const values: [number, string][] = [
        [1, nan],
        [2, floats(g, [1 / (FAR + 0.01)])],
        [3, floats(g, [1 / (FAR - 0.01)])],
        [4, floats(g, [-1])],
        [5, floats(g, [0])],
        [6, floats(g, [1 / 65.5354])],
        [7, floats(g, [1 / 65.5356])],
        [8, floats(g, [1 / 0.0016])],
        [9, floats(g, [1 / 0.0004])],
        [10, floats(g, [1 / 12.3456])],
      ];
      return values.reduce((rest, [byte, value]) => g.op('Where', [is(byte), value, rest]), red);
    },
  };
  const session = await sessionOf(scene, 64 * 32);
  const at = async (byte: number) => {
    const { depth, depth16, points } = await perceive(session, {
      ...ONE_TO_ONE,
      pixel: () => [byte, 0, 0],
      wants: { labels: false },
    });
    return { meters: depth[500], millimetres: depth16[500], z: points[500 * 3 + 2] };
  };
  t.deepEqual(await at(1), { meters: Number.NaN, millimetres: 0, z: Number.NaN });
  for (const byte of [2, 4, 5]) {
    t.deepEqual(await at(byte), { meters: Number.POSITIVE_INFINITY, millimetres: 0, z: Number.NaN });
  }
  t.true(near((await at(3)).meters, FAR - 0.01));
  t.is((await at(3)).millimetres, 0, 'finite, but beyond 65.535 m');
  t.is((await at(6)).millimetres, 65535, 'the last that fits');
  t.is((await at(7)).millimetres, 0);
  t.is((await at(8)).millimetres, 2, 'rounded, not cut off');
  t.is((await at(9)).millimetres, 0);
  t.is((await at(10)).millimetres, 12346);
});

test('the range ends at farMeters times the focal length and the scale', async (t) => {
  const session = await sessionOf(redNetwork(), 64 * 32);
  const camera: Camera = { ...ONE_TO_ONE, pixel: (x) => [x < 32 ? 3 : 4, 0, 0], fx: 100, scale: 2 }; // 1/85, 1/63.75
  const { depth } = await perceive(session, camera);
  t.is(depth[0], Number.POSITIVE_INFINITY);
  t.true(near(depth[63], 63.75 * 4, 1e-4));
});

test('points lie on their rays and project back onto their pixels', async (t) => {
  const session = await sessionOf(redNetwork(), 64 * 32);
  const camera: Camera = {
    width: 50,
    height: 37,
    fx: 60,
    fy: 55,
    stride: 4,
    pixel: (x, y) => [30 + x + 2 * y, 0, 0],
  };
  const { points, depth, dims } = await perceive(session, camera);
  t.deepEqual(dims.points, [10, 13, 3]);
  const { cx, cy } = { cx: 24.5 + 0.7, cy: 18 - 0.4 };
  for (let row = 0; row < 10; row++) {
    for (let column = 0; column < 13; column++) {
      const [x = 0, y = 0, z = 0] = points.subarray((row * 13 + column) * 3);
      t.is(z, depth[row * 4 * 50 + column * 4]);
      t.true(Math.abs((60 * x) / z + cx - column * 4) < 1e-3);
      t.true(Math.abs((55 * y) / z + cy - row * 4) < 1e-3);
    }
  }
});

test('the confidence is the probability of its logits, seen by the camera as the depth is, where it is wanted', async (t) => {
  // Logits = 8 * green - 4, at half the resolution.
  const red = redNetwork();
  const network: EmbeddedNetwork = {
    ...red,
    confidence: (g) => {
      const size = { kernel_shape: [2, 2], strides: [2, 2] };
      const small = g.op('AveragePool', [plane(g, seen, 1)], size);
      return g.op('Add', [g.op('Mul', [small, floats(g, [8])]), floats(g, [-4])]);
    },
    values(g, image) {
      seen = image;
      return red.values(g, image);
    },
  };
  let seen = '';
  const session = await sessionOf(network, 64 * 32);
  // Padded on the right: what the padding repeats must not be stretched over the image.
  const camera: Camera = { width: 59, height: 32, pixel: (x) => [51, x < 30 ? 51 : 204, 0] };
  const { confidence, dims } = await perceive(session, { ...camera, wants: { confidence: true } });
  t.deepEqual(dims.confidence, [32, 59]);
  const at = (x: number) => confidence[16 * 59 + x];
  const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
  t.true(near(at(3), sigmoid(8 * 0.2 - 4), 1e-3));
  t.true(near(at(55), sigmoid(8 * 0.8 - 4), 1e-3));
  // The edge is where the depth's would be, give or take half a pixel of the head.
  const middle = Array.from({ length: 59 }, (_, x) => x).find((x) => (at(x) ?? 0) > 0.5) ?? 0;
  t.true(Math.abs(middle - 30) <= 2, `${middle}`);
  const unwanted = await perceive(session, { ...camera, wants: { confidence: false } });
  t.deepEqual(unwanted.dims.confidence, [0, 0]);
  await session.release();
});
