import test from 'ava';
import fc from 'fast-check';
import { type CameraModel, cameraModel, projectPoint } from '../../../msgs/camera/camera-model.js';
import { distort, undistort } from '../../../msgs/camera/distortion.js';
import { rayMap } from '../../../msgs/camera/ray-map.js';
import { cameraInfoOf } from './camera-info-of.js';

const INTRINSICS = { fx: 500, fy: 510, cx: 320.5, cy: 239.25 };
/** Of the raw 1392 x 512 images, whose corners look 43 degrees off the axis. */
const KITTI = { fx: 984.2439, fy: 980.8141, cx: 690, cy: 233.1966 };

/** The lens formulas as OpenCV's documentation states them, written here a second time. */
function lens(model: string, d: readonly number[], x: number, y: number): [number, number] {
  const [a = 0, b = 0, c = 0, e = 0, k3 = 0, k4 = 0, k5 = 0, k6 = 0] = d;
  const r = Math.sqrt(x ** 2 + y ** 2);
  if (model === 'equidistant') {
    const theta = Math.atan(r);
    const thetaD = theta * (1 + a * theta ** 2 + b * theta ** 4 + c * theta ** 6 + e * theta ** 8);
    return r === 0 ? [0, 0] : [(thetaD / r) * x, (thetaD / r) * y];
  }
  const radial = (1 + a * r ** 2 + b * r ** 4 + k3 * r ** 6) / (1 + k4 * r ** 2 + k5 * r ** 4 + k6 * r ** 6);
  return [
    x * radial + 2 * c * x * y + e * (r ** 2 + 2 * x ** 2),
    y * radial + c * (r ** 2 + 2 * y ** 2) + 2 * e * x * y,
  ];
}

/** Parameters as calibrations of real cameras give them. */
const REAL: Readonly<Record<string, CameraModel['distortion']>> = {
  'the KITTI raw camera': {
    model: 'plumb_bob',
    d: [-0.3728755, 0.2037299, 0.002219027, 0.001383707, -0.07233722],
  },
  'a pincushion lens': { model: 'plumb_bob', d: [0.2, 0.05, -0.001, 0.0005, 0.01] },
  'a rational wide-angle lens': {
    model: 'rational_polynomial',
    d: [0.5267, -2.5837, 0.0008, -0.0002, 1.4976, 0.405, -2.4102, 1.4248],
  },
  'a fisheye lens': { model: 'equidistant', d: [-0.0124, 0.0064, -0.0053, 0.0009] },
};

for (const [name, distortion] of Object.entries(REAL)) {
  test(`every ray of ${name} is imaged at its own pixel`, (t) => {
    const [intrinsics, width, height] = name.includes('KITTI') ? [KITTI, 1392, 512] : [INTRINSICS, 640, 480];
    const rays = rayMap({ intrinsics, distortion }, height, width, 7);
    const [rows, columns] = [Math.ceil(height / 7), Math.ceil(width / 7)];
    t.is(rays.length, rows * columns * 2);
    let worst = 0;
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        const i = 2 * (row * columns + column);
        const [x, y] = lens(distortion.model, distortion.d, rays[i] ?? Number.NaN, rays[i + 1] ?? Number.NaN);
        const du = intrinsics.fx * x + intrinsics.cx - column * 7;
        const dv = intrinsics.fy * y + intrinsics.cy - row * 7;
        worst = Math.max(worst, Number.isNaN(du + dv) ? Number.POSITIVE_INFINITY : Math.hypot(du, dv));
      }
    }
    t.true(worst < 1e-3, `worst reprojection error ${worst} pixels`); // float32 rays: 1e-4 at this focal length
  });
}

test('pixels up to the fold of a lens model have their ray', (t) => {
  const distortion = REAL['the KITTI raw camera'] ?? { model: 'none', d: [] };
  for (let angle = 0; angle < 2 * Math.PI; angle += 0.1) {
    let reach = 0;
    for (let r = 0.05; r < 2; r += 0.05) {
      const [xd, yd] = lens('plumb_bob', distortion.d, r * Math.cos(angle), r * Math.sin(angle));
      if (Math.hypot(xd, yd) < reach + 0.01) break; // the model begins to fold back
      reach = Math.hypot(xd, yd);
      const ray = undistort(distortion, xd, yd);
      const error = Math.hypot((ray?.x ?? 9) - r * Math.cos(angle), (ray?.y ?? 9) - r * Math.sin(angle));
      t.true(error < 1e-6, `${error} at radius ${r}, angle ${angle}`);
    }
    t.true(reach > 0.77);
  }
});

test('without distortion the rays are those of the pinhole', (t) => {
  const rays = rayMap(cameraModel(cameraInfoOf(), 'rectified'), 3, 5, 2);
  const expected = [0, 2].flatMap((v) => [0, 2, 4].flatMap((u) => [(u - 310) / 450, (v - 230) / 460]));
  t.deepEqual(rays, Float32Array.from(expected));
});

const small = (size: number) => fc.double({ min: -size, max: size, noNaN: true });
const point = fc.record({ x: small(0.5), y: small(0.5) });

test('undistorting inverts distorting, for any moderate lens of each model', (t) => {
  const lenses = fc.oneof(
    fc.record({
      model: fc.constant('plumb_bob' as const),
      d: fc.tuple(small(0.35), small(0.1), small(0.01), small(0.01), small(0.05)),
    }),
    fc.record({
      model: fc.constant('rational_polynomial' as const),
      d: fc.tuple(
        ...[small(0.2), small(0.1), small(0.01), small(0.01)],
        ...[small(0.05), small(0.15), small(0.1), small(0.05)],
      ),
    }),
    fc.record({
      model: fc.constant('equidistant' as const),
      d: fc.tuple(small(0.1), small(0.05), small(0.02), small(0.01)),
    }),
  );
  fc.assert(
    fc.property(lenses, point, (distortion, { x, y }) => {
      const [xd, yd] = lens(distortion.model, distortion.d, x, y);
      const ours = distort(distortion, x, y);
      t.true(Math.hypot(ours.x - xd, ours.y - yd) < 1e-12);
      const back = undistort(distortion, xd, yd);
      t.true(
        back !== undefined && Math.hypot(back.x - x, back.y - y) < 1e-7,
        `${JSON.stringify(back)} for ${x}, ${y}`,
      );
    }),
    { numRuns: 1000 },
  );
});

test('a fisheye sees 80 degrees off its axis, and pixels beyond 90 degrees have no ray', (t) => {
  const ideal = { model: 'equidistant' as const, d: [0, 0, 0, 0] };
  const angle = (80 / 180) * Math.PI;
  t.true(Math.abs((undistort(ideal, angle, 0)?.x ?? 0) - Math.tan(angle)) < 1e-8);
  t.is(undistort(ideal, 1.6, 0), undefined);
  const rays = rayMap({ intrinsics: { fx: 100, fy: 100, cx: 200, cy: 0 }, distortion: ideal }, 1, 401, 200);
  t.deepEqual([...rays], [Number.NaN, Number.NaN, 0, 0, Number.NaN, Number.NaN]);
});

test('a pixel that no ray reaches has no ray, instead of one of the folded branch', (t) => {
  // r (1 - 0.4 r^2) never exceeds 0.6086, which it takes at r = 0.9129 = 1 / sqrt(3 * 0.4).
  const barrel = { model: 'plumb_bob' as const, d: [-0.4, 0, 0, 0, 0] };
  t.is(undistort(barrel, 0.62, 0), undefined);
  const inside = undistort(barrel, 0.6, 0);
  t.true(inside !== undefined && inside.x < 0.9129);
});

test('a point on a ray projects back to its pixel through the whole camera model', (t) => {
  const roi = { x_offset: 64, y_offset: 32, width: 512, height: 400, do_rectify: false };
  const d = [-0.37, 0.2, 0.002, 0.001, -0.07];
  const model = cameraModel(cameraInfoOf({ d, roi, binning_x: 2, binning_y: 2 }), 'raw');
  const rays = rayMap(model, 200, 256, 1);
  const depth = fc.double({ min: 0.1, max: 200, noNaN: true });
  fc.assert(
    fc.property(fc.nat(199), fc.nat(255), depth, (v, u, z) => {
      const at = 2 * (v * 256 + u);
      const pixel = projectPoint(model, { x: (rays[at] ?? 0) * z, y: (rays[at + 1] ?? 0) * z, z });
      t.true(Math.hypot((pixel?.u ?? 0) - u, (pixel?.v ?? 0) - v) < 1e-3);
    }),
  );
});
