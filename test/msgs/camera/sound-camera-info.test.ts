import test from 'ava';
import { cameraModel } from '../../../msgs/camera/camera-model.js';
import { checkImageSize } from '../../../msgs/camera/delivered-window.js';
import { soundCameraInfo } from '../../../msgs/camera/sound-camera-info.js';
import type { CameraInfo } from '../../../msgs/camera-info.js';
import { cameraInfoOf } from './camera-info-of.js';

const IMAGE = { width: 640, height: 480 };
/** As K, for there is no distortion. */
const P = [500, 0, 320.5, 0, 0, 510, 239.25, 0, 0, 0, 1, 0];
const zeros = (length: number) => new Array<number>(length).fill(0);
const full = { x_offset: 0, y_offset: 0, width: 0, height: 0, do_rectify: false };

function sound(changes: Partial<CameraInfo>, kind: 'raw' | 'rectified' = 'raw', image = IMAGE) {
  const { info, warnings } = soundCameraInfo(cameraInfoOf({ p: P, ...changes }), kind, image);
  // Whatever is let through describes the images.
  checkImageSize(info, image);
  return { info, warnings, model: cameraModel(info, kind) };
}

test('an ordinary camera_info is left as it is', (t) => {
  const info = cameraInfoOf({ p: P });
  const result = soundCameraInfo(info, 'raw', IMAGE);
  t.is(result.info, info);
  t.deepEqual(result.warnings, []);
  t.deepEqual(sound({ d: [-0.3, 0.1, 0, 0, 0], p: cameraInfoOf().p }).warnings, []);
  t.deepEqual(sound({ p: zeros(12) }).warnings, [], 'P is not needed for raw images');
});

test('distortion that no lens has is said with numbers; that of real ones is not', (t) => {
  for (const d of [
    [5000, 0, 0, 0, 0],
    [-5000, 0, 0, 0, 0],
    [0, 0, 0, 0, 1e6],
    // Degrees of the principal point instead of numbers without a unit.
    [-30, 20, 0, 0, 0],
  ]) {
    const { warnings, info } = sound({ d, p: zeros(12) });
    t.is(warnings.length, 1, `${d}`);
    t.regex(
      warnings[0] ?? '',
      /`d` \[.*\] puts the edge of the image \(-1, 239\) ([\d.]+ degrees from|where no ray).*K alone 3\d\.\d: no lens does that.*--intrinsics/,
    );
    t.deepEqual(Array.from(info.d), d, 'and taken as it is');
  }
  for (const [model, d, fx] of [
    ['plumb_bob', [-0.3691481, 0.1968681, 0.001353473, 0.0005677587, -0.06770705], 460],
    ['plumb_bob', [-0.25, 0.07, 0, 0, -0.008], 330],
    ['rational_polynomial', [0.53, -2.73, 0.0005, -0.0001, 1.6, 0.41, -2.54, 1.52], 310],
    ['equidistant', [0.05, -0.01, 0.004, -0.001], 200],
  ] as const) {
    const k = [fx, 0, 320.5, 0, fx, 239.25, 0, 0, 1];
    t.deepEqual(sound({ distortion_model: model, d: [...d], k, p: zeros(12) }).warnings, [], model);
  }
});

test('a skew, which no sensor has, is said to be left out', (t) => {
  const { warnings } = sound({ k: [500, 30, 320.5, 0, 510, 239.25, 0, 0, 1] });
  t.is(warnings.length, 1);
  t.regex(
    warnings[0] ?? '',
    /K has a skew of 30 pixels, which is left out: rays are wrong by as much.*--intrinsics/,
  );
  t.deepEqual(sound({ k: [500, 1, 320.5, 0, 510, 239.25, 0, 0, 1] }).warnings, []);
});

test('K that is zero, the identity or normalised gives way to a good P, and that is said', (t) => {
  const placeholders: Record<string, number[]> = {
    'all zero': zeros(9),
    'the identity, fx 1': [1, 0, 0, 0, 1, 0, 0, 0, 1],
    'as if in sizes': [500, 0, 0.5, 0, 510, 0.5, 0, 0, 1],
    'a view of 180 degrees': [0.78, 0, 0.5, 0, 1.06, 0.5, 0, 0, 1],
    'fx -500': [-500, 0, 320, 0, 510, 240, 0, 0, 1],
    'fx NaN': [Number.NaN, 0, 320, 0, 510, 240, 0, 0, 1],
  };
  for (const [what, k] of Object.entries(placeholders)) {
    const { model, warnings } = sound({ k });
    t.deepEqual(model.intrinsics, { fx: 500, fy: 510, cx: 320.5, cy: 239.25 }, what);
    t.is(warnings.length, 1, what);
    t.true(warnings[0]?.includes(what), `${what}: ${warnings}`);
    t.regex(warnings[0] ?? '', /P is good and taken: fx 500, .*--camera-kind rectified/);
    t.throws(
      () => sound({ k, p: zeros(12) }),
      { name: 'MessageError', message: /`k` is .*--intrinsics/ },
      what,
    );
    // With a distortion P describes other images than these.
    t.throws(() => sound({ k, d: [-0.3, 0.1, 0, 0, 0] }), { message: /`k` is .*--camera-kind rectified/ });
  }
});

test('P that is zero gives way to K for rectified images', (t) => {
  const { model, warnings } = sound({ p: zeros(12), d: [-0.3, 0.1, 0, 0, 0] }, 'rectified');
  t.deepEqual(model.intrinsics, { fx: 500, fy: 510, cx: 320.5, cy: 239.25 });
  t.is(model.distortion.model, 'none');
  t.regex(warnings.join(), /P is all zero.*K is good and taken/);
});

test('size 0 is the size of the images', (t) => {
  const { info, warnings } = sound({ width: 0, height: 0 });
  t.deepEqual([info.width, info.height], [640, 480]);
  t.regex(warnings.join(), /its size is 0 x 0: taken as calibrated for the images' 640 x 480/);
});

test('a region that the images do not have, and sizes off by a pixel or two, give way to the images', (t) => {
  const roi = { ...full, width: 639, height: 479, do_rectify: true };
  t.regex(sound({ roi }).warnings.join(), /roi 639 x 479 .* whole 640 x 480: taken as whole images/);
  t.regex(
    sound({ binning_x: 2, binning_y: 2 }).warnings.join(),
    /binning 2 x 2, but the images have the whole/,
  );
  const offset = { ...full, x_offset: 100, y_offset: 50, width: 201, height: 99 };
  const cropped = sound({ roi: offset }, 'raw', { width: 200, height: 100 });
  t.is(cropped.model.intrinsics.cx, 220.5, 'the crop stays');
  t.regex(cropped.warnings.join(), /announces images of 201 x 99, they have 200 x 100/);
  t.regex(sound({ width: 641, height: 481 }).warnings.join(), /641 x 481, they have 640 x 480/);
});

test('another size is refused with both', (t) => {
  for (const [width, height] of [
    [1280, 960],
    [320, 240],
    [640, 472],
  ] as const)
    t.throws(() => sound({ width, height }), {
      name: 'MessageError',
      message: new RegExp(`${width} x ${height}.*640 x 480`),
    });
});

test('views that no camera has are refused, odd ones are warnings with numbers and what to do', (t) => {
  const k = (fx: number, cx = 320, cy = 240, fy = fx) => [fx, 0, cx, 0, fy, cy, 0, 0, 1];
  const p = zeros(12);
  // 2 atan(640 / 2 / fx): 170.1 degrees at fx 27.8, 146 at 98, 1.0 at 36000.
  t.throws(() => sound({ k: k(27.8), p }), {
    message: /a view of 170 degrees over 640 x 480 pixels, no camera's/,
  });
  t.regex(sound({ k: k(98), p }).warnings.join(), /a view of 146 degrees over 640 x 480/);
  t.regex(sound({ k: k(36000), p }).warnings.join(), /a view of 1\.0 degrees/);
  t.regex(sound({ k: k(500, 20), p }).warnings.join(), /principal point at 20, 240 of 640 x 480/);
  t.regex(sound({ k: k(500, 320, 240, 1000), p }).warnings.join(), /not square/);
  for (const warning of [...sound({ k: k(98), p }).warnings, ...sound({ k: k(500, 700), p }).warnings])
    t.regex(warning, /--intrinsics fx,fy,cx,cy/);
});

test('K that contradicts P is a warning, K that undistortion or a rotation explains is none', (t) => {
  const p = [900, 0, 320.5, 0, 0, 910, 239.25, 0, 0, 0, 1, 0];
  t.regex(
    sound({ p }).warnings.join(),
    /K \(fx 500, .*\) contradicts P \(fx 900, .*though there is no distortion.*K is taken/,
  );
  t.deepEqual(sound({ p, d: [-0.3, 0.1, 0, 0, 0] }).warnings, []);
  t.deepEqual(sound({ p, r: [0.99, 0.1, 0, -0.1, 0.99, 0, 0, 0, 1] }).warnings.length, 0);
  const far = [1500, 0, 320.5, 0, 0, 1500, 239.25, 0, 0, 0, 1, 0];
  t.regex(sound({ p: far, d: [-0.3, 0.1, 0, 0, 0] }).warnings.join(), /contradicts P/);
});

test('a fisheye lens without parameters is a warning that says how it is taken', (t) => {
  const p = zeros(12);
  for (const name of ['equidistant', 'fisheye', 'kannala_brandt']) {
    t.regex(
      sound({ p, distortion_model: name, d: zeros(4) }).warnings.join(),
      /zeros is taken as an ideal equidistant/,
    );
    t.regex(
      sound({ p, distortion_model: name, d: [] }).warnings.join(),
      /no parameters is taken as a pinhole/,
    );
  }
  t.is(sound({ p, distortion_model: 'fisheye', d: zeros(4) }).model.distortion.model, 'equidistant');
  t.true(sound({ p, distortion_model: 'omnidirectional', d: zeros(4) }).warnings.length > 0);
});
