import * as tf from '@tensorflow/tfjs';
import test from 'ava';
import { composeTransforms, invertTransform } from '../../../msgs/camera/rigid-transform.js';
import { backProject } from '../../../training/geometry/back-project.js';
import { bilinearWarp } from '../../../training/geometry/bilinear-warp.js';
import { nearestWarp } from '../../../training/geometry/nearest-warp.js';
import { project } from '../../../training/geometry/project.js';
import { transformPoints } from '../../../training/geometry/transform-points.js';
import { domainNamed } from '../../../training/simulator/domains.js';
import { simulateDrive } from '../../../training/simulator/drive.js';
import type { SimulatedFrame } from '../../../training/simulator/frame.js';

test.before(async () => {
  await tf.setBackend('cpu');
});

const [WIDTH, HEIGHT] = [192, 64];
const PIXELS = WIDTH * HEIGHT;

/** Where the pixels of `target` lie in `source`, by true depth and pose; the pose of the drive moves by `shift` metres. */
function motion(target: SimulatedFrame, source: SimulatedFrame, shift = 0) {
  const { fx, fy, cx, cy } = target.intrinsics;
  const intrinsics = tf.tensor2d([[fx, fy, cx, cy]]);
  const depth = tf.tensor4d(
    Float32Array.from(target.depthMeters, (z) => Math.min(z, 1e4)),
    [1, HEIGHT, WIDTH, 1],
  );
  const sourceFromTarget = composeTransforms(invertTransform(source.worldFromCamera), target.worldFromCamera);
  sourceFromTarget[11] += shift;
  const points = transformPoints(
    backProject(depth, intrinsics),
    tf.tensor3d(Float32Array.from(sourceFromTarget), [1, 4, 4]),
  );
  return {
    coordinates: project(points, intrinsics),
    depth: points.slice([0, 0, 0, 2], [1, HEIGHT, WIDTH, 1]),
  };
}

interface Agreement {
  readonly pixels: number;
  readonly labels: number;
  /** Mean absolute difference of colours, 0..255: of the warped image, and of the image as it is. */
  readonly warped: number;
  readonly unwarped: number;
}

/** Warps `source` to `target` and compares what is static and visible in both. */
function agreement(target: SimulatedFrame, source: SimulatedFrame, shift = 0): Agreement {
  const { coordinates, depth } = motion(target, source, shift);
  const image = (data: ArrayLike<number>, channels: number) =>
    tf.tensor4d(Float32Array.from(data), [1, HEIGHT, WIDTH, channels]);
  const colors = bilinearWarp(image(source.rgb, 3), coordinates).dataSync();
  const labels = nearestWarp(image(source.labels, 1), coordinates, -1).dataSync();
  const moving = (frame: SimulatedFrame) =>
    Float32Array.from(frame.instances, (instance) => (frame.movingInstances.has(instance) ? 1 : 0));
  const movingThere = nearestWarp(image(moving(source), 1), coordinates, 1).dataSync();
  const movingHere = moving(target);
  const depthThere = nearestWarp(
    image(
      Float32Array.from(source.depthMeters, (z) => Math.min(z, 1e4)),
      1,
    ),
    coordinates,
    -1,
  ).dataSync();
  const expected = depth.dataSync();
  const sums = { pixels: 0, labels: 0, warped: 0, unwarped: 0 };
  for (let i = 0; i < PIXELS; i++) {
    const [z = 0, seen = 0] = [expected[i], depthThere[i]];
    // Hidden there where something nearer is seen; the shift below must not decide what is compared.
    const visible = seen > 0 && Math.abs(seen - z + shift) < 0.05 * z && z < 60;
    if (!visible || movingHere[i] === 1 || movingThere[i] === 1) continue;
    sums.pixels++;
    if (labels[i] === target.labels[i]) sums.labels++;
    for (let c = 0; c < 3; c++) {
      const color = target.rgb[3 * i + c] ?? 0;
      sums.warped += Math.abs((colors[3 * i + c] ?? 0) - color) / 3;
      sums.unwarped += Math.abs((source.rgb[3 * i + c] ?? 0) - color) / 3;
    }
  }
  const { pixels } = sums;
  return {
    pixels,
    labels: sums.labels / pixels,
    warped: sums.warped / pixels,
    unwarped: sums.unwarped / pixels,
  };
}

test('the next frame of a simulated drive, warped by true depth and pose, shows what this frame shows', (t) => {
  const domain = domainNamed('town-clean');
  const options = { domain, seed: 1, frames: 2, width: WIDTH, height: HEIGHT, frameRate: 8 };
  const [now, next] = [...simulateDrive(options)] as [SimulatedFrame, SimulatedFrame];
  for (const [target, source] of [
    [now, next],
    [next, now],
  ] as const) {
    const right = agreement(target, source);
    t.log(right);
    t.true(right.pixels > 0.3 * PIXELS);
    t.true(right.labels > 0.97);
    t.true(right.warped < 0.6 * right.unwarped);
    // The test can fail: half a metre more or less is noticed.
    t.true(agreement(target, source, 0.5).warped > 1.2 * right.warped);
    t.true(agreement(target, source, -0.5).warped > 1.2 * right.warped);
  }
});
