import test from 'ava';
import { composeTransforms, identityTransform } from '../../msgs/camera/rigid-transform.js';
import { transformFromAxisAngle } from '../../msgs/camera/transform-from-axis-angle.js';
import { type ExposedPose, POSE_PARAMETERS } from '../../vision/descend.js';
import { forwardGuesses } from '../../vision/forward-guesses.js';
import { sampleSlopes } from '../../vision/grey-slopes.js';
import { type AlignedPicture, PointAlignment } from '../../vision/point-alignment.js';
import { cauchy, huber, type RobustCost } from '../../vision/robust-cost.js';
import { sampleSlopedLevel, slopedPyramid } from '../../vision/sloped-pyramid.js';

const [WIDTH, HEIGHT] = [64, 48];
const INTRINSICS = { fx: 60, fy: 55, cx: 31, cy: 23 };

/** Its brightness is quadratic, so that its slopes are known everywhere. */
const brightness = (u: number, v: number) => 40 + 2 * u + 1.5 * v + 0.05 * u * v;
const PICTURE: AlignedPicture<undefined> = {
  ...{ width: WIDTH, height: HEIGHT, intrinsics: INTRINSICS },
  level: undefined,
  sample(_, count, u, v, into) {
    for (let k = 0; k < count; k++) {
      into.brightness[k] = brightness(u[k], v[k]);
      into.across[k] = 2 + 0.05 * v[k];
      into.down[k] = 1.5 + 0.05 * u[k];
    }
  },
};

/** 3000 points, more than one block of them; each third infinitely far. */
function points() {
  const count = 3000;
  const spread = (i: number, step: number) => ((i * step) % 1000) / 1000 - 0.5;
  return {
    count,
    x: Float64Array.from({ length: count }, (_, i) => 0.8 * spread(i, 377)),
    y: Float64Array.from({ length: count }, (_, i) => 0.7 * spread(i, 611)),
    inverseDepth: Float32Array.from({ length: count }, (_, i) => (i % 3 === 0 ? 0 : 0.05 + (i % 7) / 40)),
    brightness: Float32Array.from({ length: count }, (_, i) => 90 + (i % 11)),
  };
}

const moved = (step: readonly number[]): ExposedPose => ({
  pose: composeTransforms(transformFromAxisAngle(Float64Array.from(step)), identityTransform()),
  gain: 1.1 + (step[6] ?? 0),
  offset: -3 + (step[7] ?? 0),
});

const square: RobustCost = (residuals, count, weights, total) => {
  weights.fill(1, 0, count);
  return residuals.subarray(0, count).reduce((sum, residual) => sum + residual * residual, total);
};

test('the gradient of the cost is that of finite differences, by all eight parameters', (t) => {
  // Points that stay in view under every step.
  const all = points();
  const alignment = new PointAlignment(all, PICTURE);
  const still = new Array(POSE_PARAMETERS).fill(0);
  const at = alignment.linearize(moved(still), square);
  const seen = at.overlap * all.count;
  t.true(seen > 2900);
  for (let p = 0; p < POSE_PARAMETERS; p++) {
    const cost = (by: number) => alignment.linearize(moved(still.map((_, i) => (i === p ? by : 0))), square);
    const h = 1e-5;
    const [more, less] = [cost(h), cost(-h)];
    t.is(more.overlap, less.overlap);
    // d(sum r^2) = 2 J^T r, and the gradient is -J^T r.
    const slope = ((more.cost - less.cost) / (2 * h)) * (seen / 2);
    t.true(
      Math.abs(-at.gradient[p] - slope) < 1e-4 * (Math.abs(slope) + 1),
      `${p}: ${at.gradient[p]} ${slope}`,
    );
  }
});

test('where nothing is seen the cost and the median residual are infinite', (t) => {
  const behind = new PointAlignment(points(), PICTURE);
  const [pose] = forwardGuesses(-1000, [1], 1);
  t.is(pose[11], 1000);
  const turned = { ...moved([0, Math.PI, 0, 0, 0, 0]), gain: 1, offset: 0 };
  const { cost, overlap } = behind.linearize(turned, square);
  t.deepEqual([cost, overlap, behind.medianResidual(turned)], [Infinity, 0, Infinity]);
});

test('the median residual is that of the points in view', (t) => {
  const all = points();
  const alignment = new PointAlignment(all, PICTURE);
  const at = { pose: identityTransform(), gain: 1, offset: 2 };
  const sizes = Array.from({ length: all.count }, (_, i) => {
    const [u, v] = [all.x[i] * INTRINSICS.fx + INTRINSICS.cx, all.y[i] * INTRINSICS.fy + INTRINSICS.cy];
    const isSeen = u >= 1 && v >= 1 && u < WIDTH - 2 && v < HEIGHT - 2;
    return isSeen ? Math.abs(brightness(u, v) + 2 - all.brightness[i]) : Number.NaN;
  }).filter((size) => !Number.isNaN(size));
  const sorted = sizes.toSorted((a, b) => a - b);
  t.is(alignment.medianResidual(at), Math.fround(sorted[sorted.length >> 1]));
});

test("Huber's cost and Cauchy's, by hand", (t) => {
  const residuals = Float64Array.of(0.5, -2, 4, 9);
  const weights = new Float64Array(4);
  t.is(huber(2)(residuals, 3, weights, 1), 1 + 0.25 + 4 + 2 * (8 - 2));
  t.deepEqual([...weights], [1, 1, 0.5, 0]);
  const cost = cauchy(2)(residuals, 3, weights, 0);
  t.true(Math.abs(cost - Math.log(1.0625 * 2 * 5)) < 1e-12);
  t.deepEqual([...weights], [1 / 1.0625, 0.5, 0.2, 0]);
});

test('slopes computed before are those that are computed where they are asked for', (t) => {
  const rgb = Uint8Array.from({ length: 3 * WIDTH * HEIGHT }, (_, i) => (i * i * 7 + 13 * i) % 256);
  const [level] = slopedPyramid({ width: WIDTH, height: HEIGHT, rgb }, 1);
  const count = 500;
  const u = Float64Array.from({ length: count }, (_, i) => 1 + ((i * 0.617) % (WIDTH - 4)));
  const v = Float64Array.from({ length: count }, (_, i) => 1 + ((i * 0.373) % (HEIGHT - 4)));
  const memory = () => ({
    brightness: new Float64Array(count),
    across: new Float64Array(count),
    down: new Float64Array(count),
  });
  const [before, now] = [memory(), memory()];
  sampleSlopedLevel(level, count, u, v, before);
  sampleSlopes(level, count, u, v, now);
  for (const name of ['brightness', 'across', 'down'] as const)
    for (let i = 0; i < count; i++)
      t.true(Math.abs(before[name][i] - now[name][i]) < 1e-6, `${name} at ${u[i]} ${v[i]}`);
});

test('guesses lead along the optical axis, backwards for a picture that was taken earlier', (t) => {
  const along = (direction: 1 | -1) => forwardGuesses(20, [0, 0.1], direction).map((pose) => [...pose]);
  const expected = (z: number) => [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, z, 0, 0, 0, 1];
  t.deepEqual(along(-1), [expected(0), expected(2)]);
  t.deepEqual(along(1)[1], expected(-2));
});
