import test from 'ava';
import { zoomedFrame, zoomedIntrinsics } from '../../../../training/adaptation/learning/zoomed-frame.js';
import { sampleOf } from '../../datasets/samples.js';

const [width, height] = [16, 8];
const WINDOW = { left: 3, top: 2, step: 0.5, flipped: false };

test('a zoomed pixel has the colour of the place that it shows', (t) => {
  const frame = sampleOf(width, height, { rgb: (x, y) => [10 * x, 20 * y, 3 * x + 5 * y] });
  const { rgb } = zoomedFrame(frame, WINDOW);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      // A plane of colours is the same between its pixels.
      const [u, v] = [3 + (x + 0.5) / 2 - 0.5, 2 + (y + 0.5) / 2 - 0.5];
      const at = 3 * (y * width + x);
      const colours = [10 * u, 20 * v, 3 * u + 5 * v].map(Math.round);
      t.deepEqual([...rgb.slice(at, at + 3)], colours, `${x}, ${y}`);
    }
  }
});

test('a window of all of the frame changes nothing', (t) => {
  const frame = sampleOf(width, height, { depth: (x, y) => 1 + x + y, label: (x) => x % 5 });
  t.deepEqual(zoomedFrame(frame, { left: 0, top: 0, step: 1, flipped: false }), frame);
});

test('no depth and no label lies between two surfaces', (t) => {
  const near = (x: number, y: number) => (x + y) % 3 === 0;
  const frame = sampleOf(width, height, {
    depth: (x, y) => (near(x, y) ? 5 : 20),
    label: (x, y) => (near(x, y) ? 13 : 0),
  });
  const { depthMeters, labels } = zoomedFrame(frame, { left: 1.3, top: 0.4, step: 0.8, flipped: false });
  t.deepEqual([...new Set(depthMeters)].sort(), [20, 5]);
  t.true(depthMeters.every((z, i) => labels[i] === (z === 5 ? 13 : 0)));
});

test('a window that ends at the edge shows the edge, and what has no depth has none', (t) => {
  const frame = sampleOf(width, height, {
    rgb: (x) => [10 * x, 0, 0],
    depth: (x) => (x === width - 1 ? Number.NaN : 20),
  });
  const { rgb, depthMeters } = zoomedFrame(frame, { left: 8, top: 4, step: 0.5, flipped: false });
  t.is(rgb[3 * (width - 1)], 10 * (width - 1));
  t.true(Number.isNaN(depthMeters[width - 1]));
});

test('intrinsics of a zoomed frame project a point to the pixel that shows it', (t) => {
  const { intrinsics } = sampleOf(width, height);
  const [x, y, z] = [0.4, -0.1, 12];
  const project = ({ fx, fy, cx, cy }: typeof intrinsics) => [(fx * x) / z + cx, (fy * y) / z + cy];
  const [u, v] = project(intrinsics);
  const [zoomedU, zoomedV] = project(zoomedIntrinsics(intrinsics, WINDOW));
  // Where the window's pixel lies in the frame.
  t.true(Math.abs(3 + (zoomedU + 0.5) / 2 - 0.5 - u) < 1e-9);
  t.true(Math.abs(2 + (zoomedV + 0.5) / 2 - 0.5 - v) < 1e-9);
});
