import test from 'ava';
import { type CameraModel, projectPoint } from '../../../../msgs/camera/camera-model.js';
import { NO_DISTORTION } from '../../../../msgs/camera/distortion.js';
import {
  aspectOf,
  pinholeView,
  viewMap,
  viewPicture,
  viewSize,
} from '../../../../training/adaptation/drive/pinhole-view.js';

const INPUT = { pixels: 512 * 160, multiple: 32, mean: [0, 0, 0], std: [1, 1, 1] } as const;
const input = { ...INPUT, mean: [...INPUT.mean], std: [...INPUT.std] } as never;
const KITTI: CameraModel = {
  intrinsics: { fx: 721.5, fy: 721.5, cx: 609.6, cy: 172.9 },
  distortion: NO_DISTORTION,
};

test('KITTI’s camera becomes 512x160 with the focal length scaled by what fits the height', (t) => {
  const view = pinholeView(input, KITTI, { width: 1242, height: 375 });
  t.deepEqual([view.width, view.height], [512, 160]);
  t.true(Math.abs(view.intrinsics.fx - (721.5 * 160) / 375) < 1e-9);
  t.is(view.intrinsics.fx, view.intrinsics.fy);
});

test('a point is seen at the pixel of the view that is taken from where the camera sees it', (t) => {
  const camera: CameraModel = {
    intrinsics: { fx: 700, fy: 650, cx: 630, cy: 350 },
    distortion: { model: 'plumb_bob', d: [-0.25, 0.08, 0.001, -0.0005, 0] },
  };
  const view = pinholeView(input, camera, { width: 1280, height: 720 });
  const { fx, fy, cx, cy } = view.intrinsics;
  for (const [column, row] of [
    [10, 20],
    [200, 100],
    [340, 180],
  ]) {
    const point = { x: ((column - cx) / fx) * 7, y: ((row - cy) / fy) * 7, z: 7 };
    const seen = projectPoint(camera, point);
    const at = 2 * (row * view.width + column);
    t.true(Math.abs(view.from[at] - (seen?.u ?? 0)) < 1e-3);
    t.true(Math.abs(view.from[at + 1] - (seen?.v ?? 0)) < 1e-3);
  }
});

test('cameras of other shapes share a view: what is too high for it is cut off evenly, the focal length stays square', (t) => {
  const size = viewSize(input, aspectOf(KITTI, { width: 1242, height: 375 }));
  const camera = { intrinsics: { fx: 700, fy: 700, cx: 479.5, cy: 269.5 }, distortion: NO_DISTORTION };
  const view = pinholeView(input, camera, { width: 960, height: 540 }, size);
  t.deepEqual([view.width, view.height], [512, 160]);
  t.is(view.intrinsics.fx, (700 * 512) / 960);
  // The first row shows as much below the upper border as the last one above the lower one.
  const row = (y: number) => view.from[2 * y * view.width + 1];
  t.true(row(0) > 100);
  t.true(Math.abs(row(0) - (539 - row(159))) < 1e-3);
});

test('a picture keeps its colours: a ramp stays a ramp, at the right place', (t) => {
  const [width, height] = [1024, 320];
  const rgb = new Uint8Array(width * height * 3);
  for (let i = 0; i < width * height; i++) rgb.fill((i % width) / 4, 3 * i, 3 * i + 3);
  const camera = { intrinsics: { fx: 600, fy: 600, cx: 511.5, cy: 159.5 }, distortion: NO_DISTORTION };
  const view = pinholeView(input, camera, { width, height });
  const seen = viewPicture(view, { width, height, rgb });
  for (const column of [3, 256, 500]) {
    const expected = view.from[2 * (80 * view.width + column)] / 4;
    t.true(Math.abs(seen.rgb[3 * (80 * view.width + column)] - expected) <= 1);
  }
  const depth = Float32Array.from({ length: width * height }, (_, i) => i % width);
  t.is(viewMap(view, depth, -1)[80 * view.width + 100], Math.round(view.from[2 * (80 * view.width + 100)]));
});

test('intrinsics that no camera with these images has are refused with what they mean', (t) => {
  const broken = (intrinsics: Partial<CameraModel['intrinsics']>) => () =>
    pinholeView(
      input,
      { ...KITTI, intrinsics: { ...KITTI.intrinsics, ...intrinsics } },
      { width: 1242, height: 375 },
    );
  t.throws(broken({ fx: 1, fy: 1 }), {
    name: 'TrainingError',
    message: /broken.*field of view of 179\.8 degrees/,
  });
  t.throws(broken({ fx: 72150, fy: 72150 }), { message: /field of view of 1\.0 degrees/ });
  t.throws(broken({ fy: 200 }), { message: /fx \/ fy = 3\.6/ });
  t.throws(broken({ cx: -5 }), { message: /principal point/ });
});
