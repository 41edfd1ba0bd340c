import test from 'ava';
import type { CameraModel } from '../../../../msgs/camera/camera-model.js';
import { NO_DISTORTION } from '../../../../msgs/camera/distortion.js';
import { identityTransform } from '../../../../msgs/camera/rigid-transform.js';
import { projectPoints } from '../../../../training/datasets/stores/project-points.js';

const CAMERA: CameraModel = { intrinsics: { fx: 100, fy: 200, cx: 50, cy: 40 }, distortion: NO_DISTORTION };

/** @param xyz [N, 3] */
function project(xyz: number[], cameraFromSource = identityTransform(), camera = CAMERA) {
  const axis = (offset: number) => Float32Array.from(xyz.filter((_, i) => i % 3 === offset));
  const points = { count: xyz.length / 3, x: axis(0), y: axis(1), z: axis(2) };
  return projectPoints(points, { cameraFromSource, camera, height: 100, width: 100 });
}

test('a point lands on the nearest pixel of its projection with its camera z', (t) => {
  const truth = project([1, 0.5, 10]);
  t.deepEqual([truth.columns[0], truth.rows[0], truth.depthMeters[0]], [60, 50, 10]);
});

test('of several points on one pixel the nearest counts, whatever their order', (t) => {
  for (const points of [
    [0, 0, 9, 0, 0, 5, 0, 0, 7],
    [0, 0, 5, 0, 0, 9, 0, 0, 7],
  ]) {
    t.deepEqual([...project(points).depthMeters], [5]);
  }
});

test('points behind the camera, beside the image and not finite are left out', (t) => {
  const points = [0, 0, -5, 100, 0, 5, Number.NaN, 0, 5, 0, Number.POSITIVE_INFINITY, 5];
  t.is(project(points).depthMeters.length, 0);
});

test('a LiDAR (x forward, y left, z up) is turned and moved into the optical frame', (t) => {
  const cameraFromLidar = Float64Array.of(0, -1, 0, 0.5, 0, 0, -1, 0.1, 1, 0, 0, -0.3, 0, 0, 0, 1);
  const truth = project([10.3, -0.5, 0.1], cameraFromLidar);
  t.deepEqual([truth.columns[0], truth.rows[0]], [60, 40]);
  t.true(Math.abs((truth.depthMeters[0] ?? 0) - 10) < 1e-5);
});

test('a raw image shows the point where the lens bends it to', (t) => {
  const distortion = { model: 'plumb_bob', d: [-0.2, 0, 0, 0, 0] } as const;
  const truth = project([3, 0, 10], identityTransform(), { ...CAMERA, distortion });
  t.is(truth.columns[0], Math.round(100 * 0.3 * (1 - 0.2 * 0.09) + 50));
});

test('points beyond the range of the lens model are not folded back into the image', (t) => {
  const distortion = { model: 'plumb_bob', d: [-0.2, 0, 0, 0, 0] } as const;
  const camera = { ...CAMERA, distortion };
  // r (1 - 0.2 r^2) rises up to r = 1.29 and is back at 0.3 for r = 2.07.
  t.is(project([2.07, 0, 1], identityTransform(), camera).depthMeters.length, 0);
});
