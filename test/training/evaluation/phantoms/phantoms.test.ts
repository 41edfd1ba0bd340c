import test from 'ava';
import { bareRoad } from '../../../../training/evaluation/phantoms/bare-road.js';
import { findPhantoms, largestPiece } from '../../../../training/evaluation/phantoms/find-phantoms.js';
import { findGroundPlane } from '../../../../training/evaluation/phantoms/ground-plane.js';
import { PhantomTally } from '../../../../training/evaluation/phantoms/phantom-tally.js';

const WIDTH = 640;
const HEIGHT = 200;
const K = { fx: 370, fy: 370, cx: 320, cy: 90 };
const CAMERA_HEIGHT = 1.65;
/** The road rises by 1 % towards the horizon. */
const SLOPE = -0.01;
const CAR = 13;
const ROAD = 0;

const roadDepth = (v: number) => CAMERA_HEIGHT / ((v - K.cy) / K.fy - SLOPE);

/** A measured scene: road points on a grid, and a box 2 m wide and 1.5 m high that stands 12 m ahead to the right. */
function scene(withBox = true) {
  const points: [u: number, v: number, z: number][] = [];
  const box = { left: 1, right: 3, z: 12 };
  for (let v = 2; v < HEIGHT; v += 6) {
    for (let u = 3; u < WIDTH; u += 9) {
      const x = ((u - K.cx) / K.fx) * box.z;
      const y = ((v - K.cy) / K.fy) * box.z;
      const foot = CAMERA_HEIGHT + SLOPE * box.z;
      if (withBox && x > box.left && x < box.right && y < foot && y > foot - 1.5) points.push([u, v, box.z]);
      else if (v > K.cy + 8 && roadDepth(v) > 0 && roadDepth(v) < 60) points.push([u, v, roadDepth(v)]);
    }
  }
  return {
    width: WIDTH,
    height: HEIGHT,
    columns: Uint16Array.from(points, ([u]) => u),
    rows: Uint16Array.from(points, ([, v]) => v),
    depthMeters: Float32Array.from(points, ([, , z]) => z),
  };
}

test('the plane of the road is found beside what stands on it', (t) => {
  const plane = findGroundPlane(scene(), K);
  t.true(Math.abs((plane?.height ?? 0) - CAMERA_HEIGHT) < 0.02, `${plane?.height}`);
  t.true(Math.abs((plane?.slope ?? 0) - SLOPE) < 0.003);
  t.true(Math.abs(plane?.tilt ?? 1) < 0.003);
});

test('a wall before the camera, or too few points, are no road', (t) => {
  const truth = scene();
  t.is(findGroundPlane({ ...truth, depthMeters: truth.depthMeters.map(() => 6) }, K), undefined);
  const few = { ...truth, columns: truth.columns.slice(0, 20), rows: truth.rows.slice(0, 20) };
  t.is(findGroundPlane({ ...few, depthMeters: truth.depthMeters.slice(0, 20) }, K), undefined);
});

function road(withBox = true) {
  const plane = findGroundPlane(scene(withBox), K);
  if (plane === undefined) throw new Error('the plane is found, as another test says');
  return bareRoad(scene(withBox), plane, K);
}

test('bare road has the depth of the plane, and nothing of it is where something stands', (t) => {
  const { depthMeters } = road();
  const at = (u: number, v: number) => depthMeters[v * WIDTH + u] ?? 0;
  t.true(Math.abs(at(200, 180) / roadDepth(180) - 1) < 0.02);
  t.is(at(200, 60), 0, 'over the horizon');
  t.is(at(382, 115), 0, 'the box');
  t.true(road(false).pixels > road().pixels);
});

test('a phantom on bare road is found with its size, by its class and by its depth', (t) => {
  const bare = road(false);
  const depth = Float32Array.from(bare.depthMeters, (z) => (z > 0 ? z : 50));
  const labels = new Uint8Array(depth.length).fill(ROAD);
  const nothing = findPhantoms(bare, WIDTH, depth, labels);
  t.deepEqual(nothing, { largestDynamic: 0, largestNear: 0, dynamicShare: 0 });
  for (let v = 150; v < 180; v++) {
    for (let u = 250; u < 350; u++) {
      labels[v * WIDTH + u] = CAR;
      depth[v * WIDTH + u] = 0.45 * roadDepth(v);
    }
  }
  const found = findPhantoms(bare, WIDTH, depth, labels);
  t.true(Math.abs(found.largestDynamic - 3000 / (WIDTH * HEIGHT)) < 1e-4);
  t.true(Math.abs(found.largestNear - found.largestDynamic) < 1e-4);
  t.true(Math.abs(found.dynamicShare - 3000 / bare.pixels) < 1e-4);
});

test('a real thing, without points as in structure from motion, is no phantom', (t) => {
  // No points at all from 250 to 420 and from row 100 on: a car that moved.
  const full = scene(false);
  const keep = [...full.columns.keys()].filter(
    (i) => !((full.columns[i] ?? 0) > 250 && (full.columns[i] ?? 0) < 420 && (full.rows[i] ?? 0) < 160),
  );
  const truth = {
    ...full,
    columns: Uint16Array.from(keep, (i) => full.columns[i] ?? 0),
    rows: Uint16Array.from(keep, (i) => full.rows[i] ?? 0),
    depthMeters: Float32Array.from(keep, (i) => full.depthMeters[i] ?? 0),
  };
  const labels = new Uint8Array(WIDTH * HEIGHT).fill(ROAD);
  for (let v = 105; v < 150; v++) for (let u = 270; u < 400; u++) labels[v * WIDTH + u] = CAR;
  const tally = new PhantomTally();
  tally.add('frame', truth, K, new Float32Array(WIDTH * HEIGHT).fill(40), labels);
  const result = tally.result();
  t.is(result?.images, 1);
  t.deepEqual(result?.phantomImages, []);
});

test('the largest piece is connected by its sides', (t) => {
  const mask = Uint8Array.from([1, 1, 0, 1, 0, 1, 0, 0, 1, 0, 1, 1]);
  t.is(largestPiece(mask, 4), 3);
  t.is(largestPiece(new Uint8Array(12), 4), 0);
});
