import test from 'ava';
import { heightOver } from '../../vision/ground-plane.js';
import { roadPlane } from '../../vision/road-plane.js';

const [HEIGHT, WIDTH] = [64, 128];
const roadHeight = (...of: Parameters<typeof roadPlane>) => {
  const plane = roadPlane(...of);
  return plane && heightOver(plane);
};
const INTRINSICS = { fx: 100, fy: 100, cx: 63.5, cy: 24 };

/** A camera `up` over a road that is turned by `pitch` radians, the road being all that lies below the horizon. */
function scene(up: number, pitch = 0, error: (i: number) => number = () => 1) {
  const depth = new Float32Array(HEIGHT * WIDTH).fill(Number.POSITIVE_INFINITY);
  const labels = new Uint8Array(HEIGHT * WIDTH).fill(10);
  for (let i = 0; i < depth.length; i++) {
    const y = (Math.floor(i / WIDTH) - INTRINSICS.cy) / INTRINSICS.fy;
    // Distance of the plane: z (y cos(pitch) + sin(pitch)) = up.
    const z = up / (y * Math.cos(pitch) + Math.sin(pitch));
    if (!(z > 0 && z < 60)) continue;
    depth[i] = z * error(i);
    labels[i] = 0;
  }
  return { depth, labels, height: HEIGHT, width: WIDTH };
}

test('the height over a flat road is found: exactly where the camera is level, to 5 % where it leans by 3 degrees', (t) => {
  const [level = 0, ...pitched] = [0, 0.05, -0.05].map((pitch) =>
    roadHeight(scene(1.65, pitch), INTRINSICS, 0),
  );
  t.true(Math.abs(level - 1.65) < 1e-3, String(level));
  for (const height of pitched) t.true(Math.abs((height ?? 0) - 1.65) < 0.08, String(height));
});

test('a short stretch of road whose depth bends is no steep road', (t) => {
  // Seen from 4.5 to 9 m, as behind other cars; the farther, the larger its depth is, up to 25 %.
  const road = scene(1.65);
  const bent = road.depth.map((z) => (z > 4.5 && z < 9 ? z * (1 + (0.25 * (z - 4.5)) / 4.5) : 50));
  const labels = road.depth.map((z) => (z > 4.5 && z < 9 ? 0 : 10));
  const height = roadHeight({ ...road, depth: bent, labels: Uint8Array.from(labels) }, INTRINSICS, 0) ?? 0;
  // A free fit finds 1.37.
  t.true(Math.abs(height - 1.65) < 0.2, String(height));
});

test('a car labelled as road and noise of 5 % move it by less than 5 %', (t) => {
  const noisy = scene(1.65, 0.02, (i) => 1 + 0.05 * Math.sin(i * 12.9898));
  for (let row = 40; row < 50; row++) for (let u = 50; u < 70; u++) noisy.depth[row * WIDTH + u] = 5;
  const height = roadHeight(noisy, INTRINSICS, 0) ?? 0;
  t.true(Math.abs(height - 1.65) < 0.08, String(height));
});

test('too little road, a wall, nothing finite or no such class have no height', (t) => {
  const road = scene(1.65);
  t.is(roadHeight(road, INTRINSICS, -1), undefined);
  t.is(roadHeight(road, INTRINSICS, 3), undefined);
  const few = { ...road, labels: road.labels.map((label, i) => (i % 64 === 0 ? label : 10)) };
  t.is(roadHeight(few, INTRINSICS, 0), undefined);
  t.is(roadHeight({ ...road, depth: road.depth.map(() => 12) }, INTRINSICS, 0), undefined);
  t.is(roadHeight({ ...road, depth: road.depth.map(() => Number.NaN) }, INTRINSICS, 0), undefined);
  t.is(
    roadHeight({ depth: road.depth, height: HEIGHT, width: WIDTH, pointStride: 0 } as never, INTRINSICS, 0),
    undefined,
  );
});
