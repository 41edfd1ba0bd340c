import test from 'ava';
import { readPointField, readPoints } from '../../../../msgs/read-points.js';
import { ObstacleFinder, POINT } from '../../../../nodes/perception/obstacles/obstacle-finder.js';
import { type Box, LABELS, NOTHING_MOVES, roadUnder, STREET, street } from './street.js';

const groundLabels = new Uint8Array(256);
groundLabels[LABELS.road] = 1;
const band = { lowest: 0.3, highest: 2, range: 15 };
const CAR: Box = { ahead: 8, right: 1, width: 2, bottom: 0, top: 1.5, label: LABELS.car };

function found(boxes: readonly Box[], pitch = 0, moving = NOTHING_MOVES) {
  const cloud = street(boxes, pitch);
  const scene = { cloud, moving, imageWidth: STREET.width, stride: STREET.stride };
  const kinds = new ObstacleFinder().find({ ...scene, ground: roadUnder(pitch), groundLabels, band });
  return { cloud, kinds: kinds.slice(), ...readPoints(cloud) };
}

const count = (kinds: Uint8Array, kind: number) => kinds.filter((value) => value === kind).length;

test('an empty road has no obstacles, level or seen from a camera that leans', (t) => {
  for (const pitch of [0, 0.1, -0.05]) {
    const { kinds } = found([], pitch);
    t.is(count(kinds, POINT.still) + count(kinds, POINT.moving), 0);
    t.true(count(kinds, POINT.free) > 1000);
  }
});

test('the points of a box between the heights are obstacles, and no others', (t) => {
  for (const pitch of [0, 0.1]) {
    const { kinds, x, y, z } = found([CAR], pitch);
    let inside = 0;
    kinds.forEach((kind, i) => {
      const ahead = z[i] * Math.cos(pitch) - y[i] * Math.sin(pitch);
      const isBox = Math.abs(ahead - CAR.ahead) < 1e-3 && Math.abs(x[i] - CAR.right) <= 1.001;
      const level = STREET.up - (y[i] * Math.cos(pitch) + z[i] * Math.sin(pitch));
      if (isBox && level > 0.6 && level < 1.4) inside += 1;
      if (kind === POINT.still) t.true(isBox && level > 0.3, `${x[i]} ${y[i]} ${z[i]}`);
    });
    const still = count(kinds, POINT.still);
    t.true(still >= 0.9 * inside && inside > 100, `${still} of ${inside}`);
  }
});

test('too low, too high and too far is no obstacle', (t) => {
  for (const box of [
    { ...CAR, top: 0.25 },
    { ...CAR, bottom: 2.3, top: 4 },
    { ...CAR, ahead: 16 },
  ])
    t.is(count(found([box]).kinds, POINT.still), 0);
});

test('what moves is told from what stands', (t) => {
  const { kinds } = found([CAR], 0, new Uint8Array(NOTHING_MOVES.length).fill(255));
  t.is(count(kinds, POINT.still), 0);
  t.true(count(kinds, POINT.moving) > 100);
});

test('what the model calls road has to stick out farther', (t) => {
  const bump = { ...CAR, top: 0.6 };
  t.true(count(found([bump]).kinds, POINT.still) > 20);
  t.is(count(found([{ ...bump, label: LABELS.road }]).kinds, POINT.still), 0);
});

test('a thin pole is kept; a lone point, and depth smoothed between a car and what is behind it, are not', (t) => {
  const pole = { ...CAR, right: -2, width: 0.1, label: LABELS.building };
  const wall: Box = { ...CAR, ahead: 14, right: 0, width: 40, top: 2.5, label: LABELS.building };
  t.true(count(found([pole]).kinds, POINT.still) >= 6);
  const { cloud } = found([CAR, wall]);
  const view = new DataView(cloud.data.buffer, cloud.data.byteOffset);
  const put = (i: number, z: number) => {
    const at = i * cloud.point_step;
    const factor = z / view.getFloat32(at + 8, true);
    for (const field of [0, 4, 8])
      view.setFloat32(at + field, factor * view.getFloat32(at + field, true), true);
  };
  // The column at the car's left side lies half way to the wall; and one point of the road floats.
  const labels = readPointField(cloud, 'label');
  const smoothed: number[] = [];
  for (let i = 1; i < labels.length; i++)
    if (labels[i] === LABELS.car && labels[i - 1] === LABELS.building) smoothed.push(i);
  for (const i of smoothed) put(i, 10.5);
  const lone = labels.length - cloud.width / 2;
  put(lone, 1.9);
  const scene = { cloud, moving: NOTHING_MOVES, imageWidth: STREET.width, stride: STREET.stride };
  const kinds = new ObstacleFinder().find({ ...scene, ground: roadUnder(), groundLabels, band });
  t.true(smoothed.length >= 6);
  t.deepEqual(
    smoothed.filter((i) => kinds[i] === POINT.still),
    [],
  );
  t.not(kinds[lone], POINT.still);
  t.true(count(kinds, POINT.still) > 500);
});
