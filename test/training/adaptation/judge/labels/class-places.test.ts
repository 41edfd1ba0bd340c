import test from 'ava';
import { ClassPlaces } from '../../../../../training/adaptation/judge/labels/class-places.js';
import { SCENE_CELLS, sceneCells } from '../../../../../training/adaptation/judge/labels/scene-cells.js';

const [WIDTH, HEIGHT] = [96, 60];
const INTRINSICS = { fx: 60, fy: 60, cx: 47.5, cy: 20 };
const CAMERA_METERS = 1.6;
const WALL_METERS = 20;

/** A road 1.6 m under the camera, a wall across it 20 m ahead and 4 m high, sky above. */
function street(scale = 1): Float32Array {
  const depth = new Float32Array(WIDTH * HEIGHT).fill(Number.POSITIVE_INFINITY);
  for (let i = 0; i < depth.length; i++) {
    const down = (Math.floor(i / WIDTH) - INTRINSICS.cy) / INTRINSICS.fy;
    const toRoad = down > 0 ? CAMERA_METERS / down : Number.POSITIVE_INFINITY;
    if (toRoad < WALL_METERS) depth[i] = scale * toRoad;
    else if (CAMERA_METERS - down * WALL_METERS < 4) depth[i] = scale * WALL_METERS;
  }
  return depth;
}
const at = (column: number, row: number) => row * WIDTH + column;

test('road, wall and sky lie in cells of their own, by depth alone', (t) => {
  const cells = sceneCells(street(), INTRINSICS, WIDTH, HEIGHT);
  if (cells === undefined) return t.fail('the road is not found');
  const [road, wall, sky] = [cells[at(48, 50)], cells[at(48, 19)], cells[at(48, 2)]];
  t.is(new Set([road, wall, sky]).size, 3);
  t.is(cells[at(44, 50)], road, 'the road beside is in the same cell');
  t.not(cells[at(48, 27)], road, 'far road is in another one than near road');
  t.true(cells.every((cell) => cell < SCENE_CELLS));
});

test('a pixel without depth has a cell of its own; where no road is under the camera nothing is said', (t) => {
  const holed = street();
  holed[at(48, 50)] = Number.NaN;
  const cells = sceneCells(holed, INTRINSICS, WIDTH, HEIGHT);
  t.is(cells?.[at(48, 50)], SCENE_CELLS - 1);
  t.is(sceneCells(new Float32Array(WIDTH * HEIGHT).fill(30), INTRINSICS, WIDTH, HEIGHT), undefined);
  t.is(sceneCells(street(4), INTRINSICS, WIDTH, HEIGHT), undefined, 'a camera six metres over the road');
});

test('what class and cell say about each other is log p(class | cell) / p(class), by hand', (t) => {
  const places = new ClassPlaces(2);
  // So many pixels that what was thought before does not count.
  const many = 1_000_000;
  places.add(
    new Uint16Array(many).fill(5),
    Uint8Array.from({ length: many }, (_, i) => (i % 4 === 0 ? 1 : 0)),
  );
  places.add(new Uint16Array(many).fill(6), new Uint8Array(many).fill(1));
  places.add(Uint16Array.of(6, 6), Uint8Array.of(255, 2));
  const table = places.information();
  const near = (a: number | undefined, b: number) =>
    t.true(Math.abs((a ?? Number.NaN) - b) < 2e-3, `${a}, by hand ${b}`);
  near(table[5 * 2], Math.log(0.75 / 0.375));
  near(table[5 * 2 + 1], Math.log(0.25 / 0.625));
  near(table[6 * 2 + 1], Math.log(1 / 0.625));
  t.true((table[6 * 2] ?? 0) < -5, 'never there');
  t.is(table[7 * 2], 0, 'a cell that nobody saw says nothing');
});

test('one class everywhere says less than nothing, and so do classes that changed places', (t) => {
  const cells = Uint16Array.from({ length: 4000 }, (_, i) => i % 4);
  const labels = cells.map((cell) => cell) as unknown as Uint8Array; // small numbers
  const places = new ClassPlaces(4);
  places.add(cells, labels);
  const table = places.information();
  const mean = (labelOf: (i: number) => number) =>
    cells.reduce((sum, cell, i) => sum + (table[cell * 4 + labelOf(i)] ?? 0), 0) / cells.length;
  t.true(mean((i) => cells[i] ?? 0) > 0.5);
  t.true(mean(() => 2) < 0);
  t.true(mean((i) => (cells[i] ?? 0) ^ 1) < 0);
});
