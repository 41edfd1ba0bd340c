import * as tf from '@tensorflow/tfjs';
import test from 'ava';
import { TrainingError } from '../../../training/errors.js';
import { backProject } from '../../../training/geometry/back-project.js';
import { project } from '../../../training/geometry/project.js';
import { transformPoints } from '../../../training/geometry/transform-points.js';
import { gradientError } from '../losses/gradients.js';

test.before(async () => {
  await tf.setBackend('cpu');
});

const INTRINSICS = tf.tensor2d([[50, 40, 4.5, 2]]);
const near = (a: ArrayLike<number>, b: ArrayLike<number>, tolerance = 1e-5): boolean =>
  a.length === b.length && Array.from(a).every((x, i) => Math.abs(x - (b[i] ?? 0)) <= tolerance);

/** A row-major [1, 4, 4] pose that turns by `yaw` radians about the camera's y axis, then moves. */
const pose = (yaw: number, translation: readonly [number, number, number]): tf.Tensor3D => {
  const [c, s] = [Math.cos(yaw), Math.sin(yaw)];
  const [x, y, z] = translation;
  return tf.tensor3d([c, 0, s, x, 0, 1, 0, y, -s, 0, c, z, 0, 0, 0, 1], [1, 4, 4]);
};

test('a worked example: pixel (2, 1) at 10 m', (t) => {
  const depth = tf.fill<tf.Rank.R4>([1, 3, 4, 1], 10);
  const points = backProject(depth, INTRINSICS);
  t.deepEqual(points.shape, [1, 3, 4, 3]);
  // x = (2 - 4.5) / 50 * 10, y = (1 - 2) / 40 * 10
  const at = points.slice([0, 1, 2, 0], [1, 1, 1, 3]);
  t.true(near(at.dataSync(), [-0.5, -0.25, 10]));
  // A camera that drove 5 m ahead sees the point 5 m nearer.
  const ahead = transformPoints(points, pose(0, [0, 0, -5]));
  const pixel = project(ahead, INTRINSICS).slice([0, 1, 2, 0], [1, 1, 1, 2]);
  t.true(near(pixel.dataSync(), [50 * (-0.5 / 5) + 4.5, 40 * (-0.25 / 5) + 2]));
});

test('every image of a batch has its own camera and pose', (t) => {
  const depth = tf.tensor4d([2, 2, 4, 4], [2, 1, 2, 1]);
  const intrinsics = tf.tensor2d([
    [1, 1, 0, 0],
    [2, 1, 1, 0],
  ]);
  const moved = transformPoints(
    backProject(depth, intrinsics),
    tf.concat([pose(0, [1, 0, 0]), pose(0, [0, 0, 4])]),
  );
  t.true(near(project(moved, intrinsics).dataSync(), [0.5, 0, 1.5, 0, 0.5, 0, 1, 0]));
});

test('without motion every pixel is seen where it is, whatever its depth', (t) => {
  const depth = tf.randomUniform<tf.Rank.R4>([1, 5, 7, 1], 0.2, 90, 'float32', 4);
  const points = transformPoints(backProject(depth, INTRINSICS), pose(0, [0, 0, 0]));
  const expected = Array.from({ length: 35 }, (_, i) => [i % 7, Math.floor(i / 7)]).flat();
  t.true(near(project(points, INTRINSICS).dataSync(), expected, 1e-4));
});

test('points behind the camera are projected far outside the image, and nothing is infinite', (t) => {
  const points = tf.tensor4d([1, 1, -2, -1, 0.5, 0, 0, 0, 0], [1, 1, 3, 3]);
  const [u = 0, v = 0, left = 0, below = 0, ...centre] = project(points, INTRINSICS).dataSync();
  t.true(u > 1e4 && v > 1e4 && left < -1e4 && below > 1e4 && Number.isFinite(u));
  t.true(near(centre, [4.5, 2]));
  const gradient = tf.grad((x) => project(x as tf.Tensor4D, INTRINSICS).sum())(points);
  t.true(gradient.dataSync().every(Number.isFinite));
});

/** Camera z of the ray through each pixel of an H x W image, from the ray's intersection with a surface. */
function renderDepth(height: number, width: number, hit: (x: number, y: number) => number): tf.Tensor4D {
  const [fx = 1, fy = 1, cx = 0, cy = 0] = INTRINSICS.dataSync();
  const depth = Array.from({ length: height * width }, (_, i) =>
    hit(((i % width) - cx) / fx, (Math.floor(i / width) - cy) / fy),
  );
  return tf.tensor4d(depth, [1, height, width, 1]);
}

test('a plane seen from another pose: coordinates agree with its homography K (R - t n^T / d) K^-1', (t) => {
  const [nx, ny, nz, d] = [0.1, 0.8, 0.5, 3]; // n . p = d
  const depth = renderDepth(5, 9, (x, y) => d / (nx * x + ny * y + nz));
  const [yaw, move] = [0.07, [0.3, -0.2, -0.6] as const];
  const got = project(
    transformPoints(backProject(depth, INTRINSICS), pose(yaw, move)),
    INTRINSICS,
  ).dataSync();
  const [c, s] = [Math.cos(yaw), Math.sin(yaw)];
  const rotation = [
    [c, 0, s],
    [0, 1, 0],
    [-s, 0, c],
  ];
  const homography = rotation.map((row, i) =>
    row.map((r, j) => r + ((move[i] ?? 0) * ([nx, ny, nz][j] ?? 0)) / d),
  );
  const expected = Array.from({ length: 45 }, (_, i) => {
    const ray = [((i % 9) - 4.5) / 50, (Math.floor(i / 9) - 2) / 40, 1];
    const [x = 0, y = 0, z = 1] = homography.map((row) =>
      row.reduce((sum, h, j) => sum + h * (ray[j] ?? 0), 0),
    );
    return [(50 * x) / z + 4.5, (40 * y) / z + 2];
  }).flat();
  t.true(near(got, expected, 1e-4));
});

test('a sphere stays a sphere: its points lie at its radius from its centre in the other camera', (t) => {
  const [centre, radius] = [[0.1, -0.05, 6] as const, 2];
  const depth = renderDepth(5, 9, (x, y) => {
    // |z (x, y, 1) - centre|^2 = radius^2, the nearer intersection
    const a = x * x + y * y + 1;
    const b = x * centre[0] + y * centre[1] + centre[2];
    const c = centre[0] ** 2 + centre[1] ** 2 + centre[2] ** 2 - radius ** 2;
    return (b - Math.sqrt(b * b - a * c)) / a;
  });
  const [yaw, move] = [-0.2, [1, 0.1, 0.5] as const];
  const moved = transformPoints(backProject(depth, INTRINSICS), pose(yaw, move)).dataSync();
  const [c, s] = [Math.cos(yaw), Math.sin(yaw)];
  const there = [
    c * centre[0] + s * centre[2] + move[0],
    centre[1] + move[1],
    c * centre[2] - s * centre[0] + move[2],
  ];
  for (let i = 0; i < moved.length; i += 3) {
    const distance = Math.hypot(...there.map((x, axis) => x - (moved[i + axis] ?? 0)));
    t.true(Math.abs(distance - radius) < 1e-4);
  }
});

test('gradients by depth, pose and intrinsics agree with finite differences', (t) => {
  const depth = tf.randomUniform<tf.Rank.R4>([1, 2, 3, 1], 4, 6, 'float32', 4);
  const weight = tf.randomNormal([1, 2, 3, 2], 0, 1, 'float32', 5);
  const transform = pose(0.1, [0.4, -0.3, 0.6]);
  const loss = (d: tf.Tensor, p: tf.Tensor, k: tf.Tensor) =>
    project(
      transformPoints(backProject(d as tf.Tensor4D, k as tf.Tensor2D), p as tf.Tensor3D),
      k as tf.Tensor2D,
    )
      .mul(weight)
      .sum() as tf.Scalar;
  t.true(gradientError((x) => loss(x, transform, INTRINSICS), depth, 1e-2) < 5e-3);
  t.true(gradientError((x) => loss(depth, x, INTRINSICS), transform, 3e-3) < 5e-3);
  t.true(gradientError((x) => loss(depth, transform, x), INTRINSICS, 5e-2) < 5e-3);
});

test('wrong shapes are refused by name', (t) => {
  const depth = tf.ones<tf.Rank.R4>([2, 3, 4, 1]);
  const refused = (fn: () => unknown, named: RegExp) =>
    t.throws(fn, { instanceOf: TrainingError, message: named });
  refused(() => backProject(tf.ones([2, 3, 4, 3]), tf.ones([2, 4])), /^depthMeters: .*\[B, H, W, 1\]/);
  refused(() => backProject(depth, INTRINSICS), /^intrinsics: .*B = 2/);
  refused(() => transformPoints(tf.ones([2, 3, 4, 3]), pose(0, [0, 0, 0])), /^targetFromSource/);
  refused(() => transformPoints(depth, tf.ones([2, 4, 4])), /^points/);
  refused(() => project(depth, INTRINSICS), /^points/);
});
