import test from 'ava';
import { fitEgoMotion } from '../../../../nodes/perception/motion/ego-motion.js';
import { domainNamed } from '../../../../training/simulator/domains.js';
import { simulateDrive } from '../../../../training/simulator/drive.js';
import { greyPyramid } from '../../../../vision/grey-pyramid.js';
import { type Board, flatScene } from './flat-scene.js';

const BOARDS: readonly Board[] = [
  { left: -6, top: -2, width: 4, height: 3, z: 14, kind: 'none' },
  { left: 2, top: -1.5, width: 3, height: 2.5, z: 20, kind: 'none' },
  { left: -1.5, top: 0.2, width: 3, height: 1, z: 10, kind: 'none' },
];

test('the motion between two views is found to a few centimetres, forwards, sideways and backwards', (t) => {
  for (const [x, z] of [
    [0, 0.8],
    [0.3, 0.5],
    [0, -0.4],
    [0, 0],
  ] as const) {
    const [earlier, later] = [flatScene(BOARDS, { x: 0, z: 0 }, 0), flatScene(BOARDS, { x, z }, 0.1)];
    const found = fitEgoMotion(later, earlier);
    const [, , , dx, , , , dy, , , , dz] = found?.earlierFromLater ?? [];
    const off = Math.hypot((dx ?? 9) - x, dy ?? 9, (dz ?? 9) - z);
    t.true(off < 0.08, `${x} ${z}: off by ${off}`);
    t.true((found?.residual ?? 99) < 3);
  }
});

test('on a motorway, where most edges are far away, the camera is not taken to stand', (t) => {
  const size = { width: 320, height: 104 };
  const options = { domain: domainNamed('highway'), seed: 12, frames: 2, frameRate: 10, ...size };
  const frames = [...simulateDrive(options)];
  const [earlier, later] = frames.map(({ stampNs, intrinsics, rgb, depthMeters, labels }) => ({
    ...{ stampNs, intrinsics, ...size, depth: depthMeters },
    grey: greyPyramid(rgb, size.height, size.width, 4),
    kinds: labels.map((label) => (label >= 11 && label <= 18 ? 1 : 0)),
  }));
  const [from, to] = frames.map(({ worldFromCamera: m }) => [m[3] ?? 0, m[7] ?? 0, m[11] ?? 0]);
  if (!earlier || !later || !from || !to) throw new Error('two frames');
  const travelled = Math.hypot(...to.map((value, i) => value - (from[i] ?? 0)));
  const [, , , x, , , , y, , , , z] = fitEgoMotion(later, earlier)?.earlierFromLater ?? [];
  const found = Math.hypot(x ?? 0, y ?? 0, z ?? 0);
  t.true(Math.abs(travelled - 1.29) < 0.02, String(travelled));
  t.true(Math.abs(found / travelled - 1) < 0.05, String(found));
});

test('a depth of another scale gives a translation of that scale', (t) => {
  const [earlier, later] = [
    flatScene(BOARDS, { x: 0, z: 0 }, 0),
    flatScene(BOARDS, { x: 0, z: 0.6 }, 0.1),
  ].map((view) => ({ ...view, depth: view.depth.map((z) => z / 4) }));
  if (earlier === undefined || later === undefined) throw new Error('two views');
  const found = fitEgoMotion(later, earlier);
  t.true(Math.abs((found?.earlierFromLater[11] ?? 9) - 0.15) < 0.005);
});

test('the motion does not follow vehicles, and survives a change of exposure', (t) => {
  const car: Board = { left: -1, top: -0.7, width: 2, height: 1.5, z: 12, vz: 8, kind: 'vehicle' };
  const earlier = flatScene([...BOARDS, car], { x: 0, z: 0 }, 0);
  const later = flatScene([...BOARDS, car], { x: 0, z: 0.8 }, 0.1);
  const grey = later.grey.map((level) => ({ ...level, data: level.data.map((value) => 0.8 * value + 12) }));
  const found = fitEgoMotion({ ...later, grey }, earlier);
  t.true(Math.abs((found?.earlierFromLater[11] ?? 9) - 0.8) < 0.09);
});

test('views without structure, or of different places, have no motion', (t) => {
  const view = flatScene(BOARDS, { x: 0, z: 0 }, 0);
  const flat = view.grey.map((level) => ({ ...level, data: new Float32Array(level.data.length).fill(90) }));
  t.is(fitEgoMotion({ ...view, grey: flat }, view), undefined);
  t.is(
    fitEgoMotion({ ...view, depth: new Float32Array(view.depth.length).fill(Number.NaN) }, view),
    undefined,
  );
});

test('the residual is the median difference of brightness: noise of 6 up or down in one view leaves about that', (t) => {
  const view = flatScene(BOARDS, { x: 0, z: 0 }, 0);
  const noisy = view.grey.map((level, i) => ({
    ...level,
    data:
      i > 0 ? level.data : level.data.map((value, at) => value + (Math.imul(at, 2654435761) < 0 ? 6 : -6)),
  }));
  const residual = fitEgoMotion(view, { ...view, grey: noisy })?.residual ?? 0;
  t.true(residual > 2 && residual < 8, String(residual));
});
