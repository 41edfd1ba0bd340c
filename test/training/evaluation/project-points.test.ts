import test from 'ava';
import { projectPoints } from '../../../training/evaluation/project-points.js';

const IDENTITY = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1];
const K = [100, 0, 50, 0, 200, 40, 0, 0, 1];

test('a point lands on the nearest pixel of its projection with its camera z', (t) => {
  const truth = projectPoints([1, 0.5, 10], IDENTITY, K, 100, 100);
  t.deepEqual([truth.columns[0], truth.rows[0], truth.depthMeters[0]], [60, 50, 10]);
});

test('of several points on one pixel the nearest counts, whatever their order', (t) => {
  for (const points of [
    [0, 0, 9, 0, 0, 5, 0, 0, 7],
    [0, 0, 5, 0, 0, 9, 0, 0, 7],
  ]) {
    t.deepEqual([...projectPoints(points, IDENTITY, K, 100, 100).depthMeters], [5]);
  }
});

test('points behind the camera, beside the image and not finite are left out', (t) => {
  const points = [0, 0, -5, 100, 0, 5, Number.NaN, 0, 5, 0, Number.POSITIVE_INFINITY, 5];
  t.is(projectPoints(points, IDENTITY, K, 100, 100).depthMeters.length, 0);
});

test('a LiDAR (x forward, y left, z up) is turned and moved into the optical frame', (t) => {
  const cameraFromLidar = [0, -1, 0, 0.5, 0, 0, -1, 0.1, 1, 0, 0, -0.3, 0, 0, 0, 1];
  const truth = projectPoints([10.3, -0.5, 0.1], cameraFromLidar, K, 100, 100);
  t.deepEqual([truth.columns[0], truth.rows[0]], [60, 40]);
  t.true(Math.abs((truth.depthMeters[0] ?? 0) - 10) < 1e-5);
});
