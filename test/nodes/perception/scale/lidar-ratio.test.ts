import test from 'ava';
import { pointCloud2Codec } from '../../../../msgs/point-cloud2.js';
import { lidarRatio } from '../../../../nodes/perception/scale/lidar-ratio.js';

const FLOAT32 = 7;
const INTRINSICS = { fx: 20, fy: 20, cx: 15.5, cy: 7.5 };
const SIZE = { width: 32, height: 16 };

/** A scan in the LiDAR's axes (x ahead, y left, z up), as its driver sends it. */
function scanOf(points: readonly (readonly [number, number, number])[]) {
  const data = new Uint8Array(points.length * 12);
  const view = new DataView(data.buffer);
  for (const [i, point] of points.entries()) {
    for (const [k, value] of point.entries()) view.setFloat32(i * 12 + k * 4, value, true);
  }
  const cdr = pointCloud2Codec.encode({
    header: { stamp: { sec: 1, nanosec: 0 }, frame_id: 'velodyne' },
    height: 1,
    width: points.length,
    fields: ['x', 'y', 'z'].map((name, i) => ({ name, offset: i * 4, datatype: FLOAT32, count: 1 })),
    is_bigendian: false,
    point_step: 12,
    row_step: data.length,
    data,
    is_dense: true,
  });
  // Camera x = -y, y = -z, z = x: REP 103's optical axes, at the same place.
  return { cdr, cameraFromLidar: Float64Array.of(0, -1, 0, 0, 0, 0, -1, 0, 1, 0, 0, 0, 0, 0, 0, 1) };
}

/** A grid of points that fall into the picture, `meters` ahead. */
function wall(meters: number): [number, number, number][] {
  const points: [number, number, number][] = [];
  for (let v = 1; v < 15; v++) {
    for (let u = 1; u < 31; u++)
      points.push([meters, (-(u - 15.5) / 20) * meters, (-(v - 7.5) / 20) * meters]);
  }
  return points;
}

const flat = (meters: number) => ({
  ...SIZE,
  depth: new Float32Array(SIZE.width * SIZE.height).fill(meters),
});

test('the ratio is what the depth must be multiplied by: LiDAR over depth', (t) => {
  const ratio = lidarRatio(flat(8), INTRINSICS, scanOf(wall(10)));
  t.true(Math.abs((ratio ?? 0) - 1.25) < 1e-6, `${ratio}`);
  t.true(Math.abs((lidarRatio(flat(20), INTRINSICS, scanOf(wall(10))) ?? 0) - 0.5) < 1e-6);
});

test('it is the median: some points on something else do not matter, nor do points behind or beside the picture', (t) => {
  const others = wall(3).slice(0, 100);
  const outside = Array.from({ length: 500 }, (_, i): [number, number, number] => [
    i % 2 === 0 ? -10 : 10,
    50,
    0,
  ]);
  const ratio = lidarRatio(flat(8), INTRINSICS, scanOf([...others, ...outside, ...wall(10)]));
  t.true(Math.abs((ratio ?? 0) - 1.25) < 1e-6);
});

test('too few points, or depths that are not finite, give no ratio', (t) => {
  t.is(lidarRatio(flat(8), INTRINSICS, scanOf(wall(10).slice(0, 99))), undefined);
  t.is(lidarRatio(flat(Number.POSITIVE_INFINITY), INTRINSICS, scanOf(wall(10))), undefined);
  t.is(lidarRatio(flat(Number.NaN), INTRINSICS, scanOf(wall(10))), undefined);
});
