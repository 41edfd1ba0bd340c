import test from 'ava';
import fc from 'fast-check';
import { cameraModel, projectPoint } from '../../../msgs/camera/camera-model.js';
import { checkImageSize, deliveredWindow } from '../../../msgs/camera/delivered-window.js';
import { cropIntrinsics, scaleIntrinsics } from '../../../msgs/camera/intrinsics.js';
import { MessageError } from '../../../msgs/errors.js';
import { cameraInfoOf } from './camera-info-of.js';

test('raw images use K and D, rectified ones P without distortion', (t) => {
  const info = cameraInfoOf({ d: [-0.3, 0.1, 0.001, -0.002, 0.01] });
  t.deepEqual(cameraModel(info, 'raw'), {
    intrinsics: { fx: 500, fy: 510, cx: 320.5, cy: 239.25 },
    distortion: { model: 'plumb_bob', d: [-0.3, 0.1, 0.001, -0.002, 0.01] },
  });
  t.deepEqual(cameraModel(info, 'rectified'), {
    intrinsics: { fx: 450, fy: 460, cx: 310, cy: 230 },
    distortion: { model: 'none', d: [] },
  });
});

test('a region of interest moves the principal point and nothing else', (t) => {
  const roi = { x_offset: 100, y_offset: 40, width: 320, height: 240, do_rectify: false };
  const info = cameraInfoOf({ roi });
  t.deepEqual(cameraModel(info, 'raw').intrinsics, { fx: 500, fy: 510, cx: 220.5, cy: 199.25 });
  t.deepEqual(cameraModel(info, 'rectified').intrinsics, { fx: 450, fy: 460, cx: 210, cy: 190 });
});

test('a binned pixel sees what the pixels that were joined to it see', (t) => {
  const roi = { x_offset: 100, y_offset: 40, width: 320, height: 240, do_rectify: false };
  const full = cameraModel(cameraInfoOf(), 'raw').intrinsics;
  const binned = cameraModel(cameraInfoOf({ roi, binning_x: 4, binning_y: 3 }), 'raw').intrinsics;
  // Super-pixel (7, 5) joins the columns 100 + 28 .. 100 + 31 and the rows 40 + 15 .. 40 + 17 of the full image.
  const close = (a: number, b: number) => t.true(Math.abs(a - b) < 1e-12, `${a} ${b}`);
  close((7 - binned.cx) / binned.fx, (100 + (28 + 31) / 2 - full.cx) / full.fx);
  close((5 - binned.cy) / binned.fy, (40 + 16 - full.cy) / full.fy);
});

test('binning 0 and 1 both mean no binning', (t) => {
  t.deepEqual(cameraModel(cameraInfoOf({ binning_x: 1 }), 'raw'), cameraModel(cameraInfoOf(), 'raw'));
});

test('the size of the delivered image follows from ROI and binning', (t) => {
  const size = (changes: Parameters<typeof cameraInfoOf>[0]) => {
    const { width, height } = deliveredWindow(cameraInfoOf(changes));
    return [width, height];
  };
  const roi = { x_offset: 10, y_offset: 20, width: 101, height: 99, do_rectify: true };
  t.deepEqual(size({}), [640, 480]);
  t.deepEqual(size({ binning_x: 2, binning_y: 4 }), [320, 120]);
  t.deepEqual(size({ roi }), [101, 99]);
  t.deepEqual(size({ roi, binning_x: 2, binning_y: 2 }), [50, 49]);
});

test('an image of another size than its camera_info announces is refused with both sizes', (t) => {
  const info = cameraInfoOf({ binning_x: 2, binning_y: 2 });
  t.notThrows(() => checkImageSize(info, { width: 320, height: 240 }));
  t.throws(() => checkImageSize(info, { width: 640, height: 480 }), {
    instanceOf: MessageError,
    message: /camera_optical.*320 x 240.*640 x 480/,
  });
});

test('an uncalibrated camera is refused with the matrix that is zero', (t) => {
  const zeros = (length: number) => new Float64Array(length);
  t.throws(() => cameraModel(cameraInfoOf({ k: zeros(9) }), 'raw'), {
    instanceOf: MessageError,
    message: /camera_optical.*uncalibrated, `k` is all zero/,
  });
  t.throws(() => cameraModel(cameraInfoOf({ p: zeros(12) }), 'rectified'), {
    instanceOf: MessageError,
    message: /`p` is all zero/,
  });
  t.notThrows(() => cameraModel(cameraInfoOf({ p: zeros(12) }), 'raw'));
});

test('a matrix with negative or non-finite entries is refused', (t) => {
  const k = (fx: number, cx: number) => cameraInfoOf({ k: [fx, 0, cx, 0, 500, 200, 0, 0, 1] });
  t.throws(() => cameraModel(k(-500, 320), 'raw'), { instanceOf: MessageError, message: /fx -500/ });
  t.throws(() => cameraModel(k(500, Number.NaN), 'raw'), { instanceOf: MessageError, message: /cx NaN/ });
});

test('parameters of the wrong number, or of an unknown model, are refused', (t) => {
  const refuses = (distortion_model: string, d: number[], message: RegExp) =>
    t.throws(() => cameraModel(cameraInfoOf({ distortion_model, d }), 'raw'), {
      instanceOf: MessageError,
      message,
    });
  refuses('plumb_bob', [0.1, 0.2, 0.3], /`d` of 5 numbers for plumb_bob, got 3/);
  refuses('rational_polynomial', [0.1, 0.2, 0.3], /`d` of 8 numbers for rational_polynomial, got 3/);
  refuses('equidistant', [0.1, 0.2, 0.3, 0, 0.1], /`d` of 4 numbers for equidistant, got 5/);
  const tilted = [...new Array(12).fill(0.1), 0.01, 0.02];
  refuses('rational_polynomial', tilted, /got 14, and those beyond are not zero; rectify/);
  refuses('thin_prism', [0.1], /unknown `distortion_model` "thin_prism"; supported: plumb_bob, rational/);
  refuses('', [0.1, 0, 0, 0, 0], /unknown `distortion_model` ""/);
  refuses('plumb_bob', [0.1, Number.NaN, 0, 0, 0], /finite/);
});

test('parameters beyond the model that are zero change nothing, and short forms are filled up, as OpenCV takes them', (t) => {
  const of = (distortion_model: string, d: number[]) =>
    cameraModel(cameraInfoOf({ distortion_model, d }), 'raw').distortion;
  const eight = [0.5, -2.6, 0.0007, -0.0002, 1.5, 0.4, -2.4, 1.4];
  for (const length of [8, 12, 14]) {
    const d = Array.from({ length }, (_, i) => eight[i] ?? 0);
    t.deepEqual(of('rational_polynomial', d), { model: 'rational_polynomial', d: eight });
  }
  t.deepEqual(of('rational_polynomial', [-0.3, 0.1, 0, 0, 0]).d, [-0.3, 0.1, 0, 0, 0, 0, 0, 0]);
  for (const length of [4, 5, 8, 12, 14]) {
    const d = Array.from({ length }, (_, i) => [-0.3, 0.1][i] ?? 0);
    t.deepEqual(of('plumb_bob', d), { model: 'plumb_bob', d: [-0.3, 0.1, 0, 0, 0] });
  }
  t.deepEqual(of('plumb_bob', eight), { model: 'rational_polynomial', d: eight });
  t.deepEqual(of('fisheye', [0.1, 0.2, 0.3, 0, 0]), { model: 'equidistant', d: [0.1, 0.2, 0.3, 0] });
  t.is(of('Kannala-Brandt4', [0.1, 0, 0, 0]).model, 'equidistant');
});

test('no parameters, or only zeros, mean no distortion', (t) => {
  for (const [distortion_model, d] of [
    ['', []],
    ['plumb_bob', [0, 0, 0, 0, 0]],
    ['none', []],
  ] as const) {
    t.is(cameraModel(cameraInfoOf({ distortion_model, d }), 'raw').distortion.model, 'none');
  }
  // An equidistant lens with zero parameters is still no pinhole.
  const fisheye = cameraInfoOf({ distortion_model: 'equidistant', d: [0, 0, 0, 0] });
  t.is(cameraModel(fisheye, 'raw').distortion.model, 'equidistant');
});

test('a point projects to the pixel that the pinhole equation gives, and to none behind the camera', (t) => {
  const model = cameraModel(cameraInfoOf(), 'raw');
  t.deepEqual(projectPoint(model, { x: 1, y: -0.5, z: 4 }), {
    u: 500 / 4 + 320.5,
    v: (-510 * 0.5) / 4 + 239.25,
  });
  t.is(projectPoint(model, { x: 1, y: 0, z: 0 }), undefined);
  t.is(projectPoint(model, { x: 1, y: 0, z: -4 }), undefined);
});

test('resizing keeps the edges of the image where they were', (t) => {
  // The left edge, at -0.5, and the right edge, at 639.5, look in the same directions after any resize.
  const full = { fx: 500, fy: 510, cx: 320.5, cy: 239.25 };
  const factor = fc.double({ min: 0.1, max: 4, noNaN: true });
  fc.assert(
    fc.property(factor, factor, (sx, sy) => {
      const scaled = scaleIntrinsics(full, sx, sy);
      const close = (a: number, b: number) => t.true(Math.abs(a - b) < 1e-9, `${a} ${b}`);
      close((-0.5 - scaled.cx) / scaled.fx, (-0.5 - full.cx) / full.fx);
      close((640 * sx - 0.5 - scaled.cx) / scaled.fx, (639.5 - full.cx) / full.fx);
      close((480 * sy - 0.5 - scaled.cy) / scaled.fy, (479.5 - full.cy) / full.fy);
    }),
  );
  t.deepEqual(scaleIntrinsics(full, 1, 1), full);
});

test('cropping moves the principal point by the corner of the window', (t) => {
  t.deepEqual(cropIntrinsics({ fx: 1, fy: 2, cx: 10, cy: 20 }, 3, 4), { fx: 1, fy: 2, cx: 7, cy: 16 });
});
