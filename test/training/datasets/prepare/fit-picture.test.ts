import test from 'ava';
import { projectPoint } from '../../../../msgs/camera/camera-model.js';
import { NO_DISTORTION } from '../../../../msgs/camera/distortion.js';
import { rgbPicture } from '../../../../msgs/picture/rgb-picture.js';
import { fitOf, fitPicture } from '../../../../training/datasets/prepare/fit-picture.js';

/** A picture that says where its pixels were: red = column, green = row (slowly, so that resizing keeps it). */
function gradient(width: number, height: number) {
  const picture = rgbPicture(width, height);
  for (let i = 0; i < width * height; i++) {
    picture.rgb.set([((i % width) * 200) / width, (Math.floor(i / width) * 200) / height, 0], i * 3);
  }
  return picture;
}

test('wide pictures are cropped on both sides, and a point is seen where the new camera matrix says', async (t) => {
  const camera = { intrinsics: { fx: 721, fy: 722, cx: 600, cy: 170 }, distortion: NO_DISTORTION };
  const fit = fitOf(camera, { width: 1242, height: 375 }, 192, 64);
  t.deepEqual(fit.resized, { width: 212, height: 64 });
  t.deepEqual(fit.window, { left: 10, top: 0 });
  const rgb = await fitPicture(gradient(1242, 375), fit);
  t.is(rgb.length, 192 * 64 * 3);
  for (const point of [
    { x: 1, y: 0.3, z: 10 },
    { x: -4, y: 1, z: 9 },
    { x: 3, y: -1.5, z: 12 },
  ]) {
    const before = projectPoint(camera, point);
    const after = projectPoint({ ...camera, intrinsics: fit.intrinsics }, point);
    if (before === undefined || after === undefined) throw new Error('the points lie before the camera');
    const pixel = (Math.round(after.v) * 192 + Math.round(after.u)) * 3;
    t.true(Math.abs((rgb[pixel] ?? 0) - (before.u * 200) / 1242) < 1.5);
    t.true(Math.abs((rgb[pixel + 1] ?? 0) - (before.v * 200) / 375) < 3);
  }
});

test('high pictures are cropped above and below', (t) => {
  const camera = { intrinsics: { fx: 100, fy: 100, cx: 99.5, cy: 99.5 }, distortion: NO_DISTORTION };
  const fit = fitOf(camera, { width: 200, height: 200 }, 64, 32);
  t.deepEqual(
    [fit.resized, fit.window],
    [
      { width: 64, height: 64 },
      { left: 0, top: 16 },
    ],
  );
  t.deepEqual(fit.intrinsics, { fx: 32, fy: 32, cx: 31.5, cy: 15.5 });
});

test('lens distortion is removed: a distorted point lies where a pinhole camera sees it', async (t) => {
  const distortion = { model: 'plumb_bob', d: [-0.25, 0.05, 0.001, -0.001, 0] } as const;
  const camera = { intrinsics: { fx: 300, fy: 300, cx: 320, cy: 180 }, distortion };
  const fit = fitOf(camera, { width: 640, height: 360 }, 160, 96);
  const rgb = await fitPicture(gradient(640, 360), fit);
  for (const point of [
    { x: 0, y: 0, z: 1 },
    { x: 0.6, y: 0.3, z: 1 },
    { x: -0.7, y: -0.35, z: 1 },
  ]) {
    const seen = projectPoint(camera, point);
    const { fx, fy, cx, cy } = fit.intrinsics;
    const pixel = (Math.round(fy * point.y + cy) * 160 + Math.round(fx * point.x + cx)) * 3;
    t.true(Math.abs((rgb[pixel] ?? 0) - ((seen?.u ?? 0) * 200) / 640) < 1.5);
    t.true(Math.abs((rgb[pixel + 1] ?? 0) - ((seen?.v ?? 0) * 200) / 360) < 2.5);
  }
});
