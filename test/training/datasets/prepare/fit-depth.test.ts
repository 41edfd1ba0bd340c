import test from 'ava';
import { NO_DISTORTION } from '../../../../msgs/camera/distortion.js';
import { fitDepth, requireSameSize } from '../../../../training/datasets/prepare/fit-depth.js';
import { fitOf } from '../../../../training/datasets/prepare/fit-picture.js';
import { pairedSize } from '../../../../training/datasets/prepare/paired-size.js';

const CAMERA = { intrinsics: { fx: 10, fy: 10, cx: 5, cy: 3 }, distortion: NO_DISTORTION };
const depth = (width: number, height: number, at: (x: number, y: number) => number) => ({
  ...{ width, height },
  values: Float32Array.from({ length: width * height }, (_, i) => at(i % width, Math.floor(i / width))),
});

test('at the same size depths stay where they are, holes and the sky too', (t) => {
  const given = depth(12, 6, (x, y) =>
    x === 3 ? Number.NaN : x === 4 ? Number.POSITIVE_INFINITY : x + 20 * y + 1,
  );
  t.deepEqual(fitDepth(given, fitOf(CAMERA, given, 12, 6)), given.values);
});

test('a third of the size keeps every sparse depth that is alone in its pixel, the middle one of several', (t) => {
  const given = depth(12, 6, (x, y) => {
    if (x === 0 && y === 2) return 7; // a corner of pixel (0, 0)
    if (x >= 3 && x < 6 && y < 3) return 10 * x + y; // all of pixel (1, 0)
    return Number.NaN;
  });
  const fitted = fitDepth(given, fitOf(CAMERA, given, 4, 2));
  t.deepEqual([...fitted], [7, 41, Number.NaN, Number.NaN, Number.NaN, Number.NaN, Number.NaN, Number.NaN]);
});

test('crops and lenses are followed: a fitted pixel has the depth that its camera sees', (t) => {
  const size = { width: 400, height: 200 };
  const camera = {
    intrinsics: { fx: 200, fy: 200, cx: 199.5, cy: 99.5 },
    distortion: { model: 'plumb_bob', d: [-0.2, 0.05, 0, 0, 0] } as const,
  };
  const given = depth(400, 200, (x) => x + 1);
  const plain = fitOf({ ...camera, distortion: NO_DISTORTION }, size, 150, 150);
  const fitted = fitDepth(given, plain);
  // 150 of 300 columns at 3/4 of the size: column 0 is column 75 there, (75.5) / 0.75 - 0.5 before.
  t.true(Math.abs((fitted[0] ?? 0) - 1 - 100.17) <= 0.7, `${fitted[0]}`);
  const bent = fitOf(camera, size, 150, 150);
  const lookups = bent.lookups ?? new Float32Array();
  const curved = fitDepth(given, bent);
  for (const i of [0, 149, 75 * 150 + 20]) {
    const column = ((lookups[2 * i] ?? 0) + 0.5) / 0.75 - 0.5;
    t.true(Math.abs((curved[i] ?? 0) - 1 - column) <= 0.7, `${curved[i]} at ${column}`);
  }
  t.true((curved[0] ?? 0) > (fitted[0] ?? 0), 'a barrel pulls corners to the middle');
});

test('depths of another size than the pictures are refused', (t) => {
  t.throws(() => requireSameSize({ width: 4, height: 2 }, { width: 8, height: 4 }, '/depth'), {
    name: 'TrainingError',
    message: /^\/depth: expected true depth of `8x4`.*got 4x2; register/,
  });
});

test('whole pictures are stored so that the largest crop is 9/8 of what the network sees', (t) => {
  // 640x480 for 256x256: the paper's 386x288, but for rounding.
  t.deepEqual(pairedSize({ width: 640, height: 480 }, { width: 256, height: 256 }), {
    width: 384,
    height: 288,
  });
  t.deepEqual(pairedSize({ width: 1242, height: 375 }, { width: 192, height: 64 }), {
    width: 238,
    height: 72,
  });
});
