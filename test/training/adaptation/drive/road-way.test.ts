import test from 'ava';
import type { Intrinsics } from '../../../../msgs/camera/intrinsics.js';
import { type MovedFrames, roadWay } from '../../../../training/adaptation/drive/road-way.js';

const [WIDTH, HEIGHT] = [160, 96];
const INTRINSICS: Intrinsics = { fx: 120, fy: 120, cx: 79.5, cy: 40 };
const ROAD = 0;
const SKY = 10;

interface World {
  /** Height of the camera over the road, metres, and how much it looks down, radians. */
  readonly height: number;
  readonly pitch: number;
  /** Metres from one picture to the next. */
  readonly step: number;
  /** Of the road's texture; 0: it has none. */
  readonly contrast?: number;
  /** The model's depth of the road / the true one. */
  readonly wrong?: number;
}

/** Waves of the road's paint: direction and length, from metres down to a hand's breadth. */
const WAVES = Array.from({ length: 10 }, (_, i) => {
  const [length, direction] = [1.2 * 1.4 ** i, 2.4 * i];
  return { across: length * Math.sin(direction), along: length * Math.cos(direction), phase: 1.3 * i };
});

/** Grey value of the road at a place, metres. */
const paint = (x: number, along: number) =>
  WAVES.reduce((sum, wave) => sum + Math.sin(wave.across * x + wave.along * along + wave.phase), 0);

/** What of a pixel is looked at: the mean over its area, as a sensor takes it. */
const PARTS = [-0.25, 0.25];

/** Pictures of a painted plane: the ray (x, y, 1) meets y cos(pitch) + z sin(pitch) = height. */
function frame({ height, pitch, step, contrast = 1, wrong = 1 }: World, index: number) {
  const rgb = new Uint8Array(3 * WIDTH * HEIGHT);
  const depthMeters = new Float32Array(WIDTH * HEIGHT);
  const labels = new Uint8Array(WIDTH * HEIGHT);
  const seenAt = (column: number, row: number) => {
    const [x, y] = [(column - INTRINSICS.cx) / INTRINSICS.fx, (row - INTRINSICS.cy) / INTRINSICS.fy];
    const z = height / (y * Math.cos(pitch) + Math.sin(pitch));
    // Along the road: what is not up, of the point's distance.
    return { z, across: x * z, along: z * Math.cos(pitch) - z * y * Math.sin(pitch) + index * step };
  };
  for (let i = 0; i < WIDTH * HEIGHT; i++) {
    const [column, row] = [i % WIDTH, Math.floor(i / WIDTH)];
    const { z } = seenAt(column, row);
    const isRoad = z > 0 && z < 30;
    labels[i] = isRoad ? ROAD : SKY;
    depthMeters[i] = isRoad ? wrong * z : Number.POSITIVE_INFINITY;
    let grey = isRoad ? 0 : 200;
    for (const a of isRoad ? PARTS : []) {
      for (const b of PARTS) {
        const { across, along } = seenAt(column + a, row + b);
        grey += (128 + 14 * contrast * paint(across, along)) / PARTS.length ** 2;
      }
    }
    rgb.fill(Math.max(0, Math.min(255, grey)), 3 * i, 3 * i + 3);
  }
  return { rgb, depthMeters, labels, width: WIDTH, height: HEIGHT };
}

/** Neighbours ahead and behind, as a model sees them that has every way `shorter` times as long. */
function pairs({ pitch, step }: World, count: number, shorter: number): MovedFrames[] {
  // Driving along the road: the direction of travel in the camera's frame is (0, -sin, cos).
  const pose = (meters: number) =>
    Float64Array.of(
      1,
      0,
      0,
      0,
      0,
      1,
      0,
      -meters * Math.sin(pitch),
      0,
      0,
      1,
      meters * Math.cos(pitch),
      0,
      0,
      0,
      1,
    );
  return Array.from({ length: count }, (_, i): MovedFrames[] => [
    { target: i + 1, source: i, sourceFromTarget: pose(shorter * step) },
    { target: i + 1, source: i + 2, sourceFromTarget: pose(-shorter * step) },
  ]).flat();
}

const way = (world: World, shorter: number, count = 4) => {
  const frames = Array.from({ length: count + 2 }, (_, index) => frame(world, index));
  return roadWay(pairs(world, count, shorter), (index) => frames[index], INTRINSICS, world.height);
};

test("the road's motion tells metres by the camera's height, whatever length the model gives to the way", (t) => {
  for (const [world, shorter] of [
    [{ height: 1.5, pitch: 0, step: 0.8 }, 0.75],
    [{ height: 1.65, pitch: 0.03, step: 1.1 }, 1.3],
    [{ height: 2.4, pitch: -0.012, step: 1.5 }, 1],
  ] as const) {
    const found = way(world, shorter);
    t.is(found?.meters.length, 8);
    for (const meters of found?.meters ?? [])
      t.true(Math.abs((meters ?? 0) / world.step - 1) < 0.02, `${meters} of ${world.step}`);
    const { mean = 0, low = 0, high = 0 } = found?.factor ?? {};
    t.true(Math.abs(mean * shorter - 1) < 0.02, `${mean}`);
    t.true(low <= mean && mean <= high && high / low < 1.03);
    const { a = 0, b, c = 0 } = found?.plane ?? {};
    t.true(Math.abs(Math.atan(-c) - world.pitch) < 0.006, `pitch ${Math.atan(-c)} of ${world.pitch}`);
    t.is(b, 0);
    t.true(Math.abs(a - world.height / Math.cos(Math.atan(-c))) < 1e-9);
  }
});

test('a model that has the road too far by a fifth, and the way right, changes nothing', (t) => {
  const world = { height: 1.65, pitch: 0.02, step: 1, wrong: 1.2 };
  const found = way(world, 1);
  for (const meters of found?.meters ?? []) t.true(Math.abs((meters ?? 0) - 1) < 0.02, `${meters}`);
});

test('a road without texture, too few pairs and a picture without road say nothing', (t) => {
  const world = { height: 1.5, pitch: 0, step: 0.8 };
  t.is(way({ ...world, contrast: 0 }, 1), undefined);
  t.is(way(world, 1, 3), undefined);
  const noRoad = { ...frame(world, 0), labels: new Uint8Array(WIDTH * HEIGHT).fill(2) };
  t.is(
    roadWay(pairs(world, 6, 1), () => noRoad, INTRINSICS, 1.5),
    undefined,
  );
});
