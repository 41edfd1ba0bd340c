import test from 'ava';
import {
  NO_AUGMENTATION,
  SCENE_AUGMENTATION,
  STRONG_AUGMENTATION,
  type Window,
} from '../../../../training/datasets/batches/augmentation.js';
import { emptyBatch, fillBatch } from '../../../../training/datasets/batches/batch.js';
import { blindCamera } from '../../../../training/datasets/scene-effects/blind-camera.js';
import { castShadows } from '../../../../training/datasets/scene-effects/cast-shadows.js';
import { blownSky, dirtyLens, lowSun } from '../../../../training/datasets/scene-effects/glare.js';
import { night } from '../../../../training/datasets/scene-effects/night.js';
import { plainLight } from '../../../../training/datasets/scene-effects/picture-light.js';
import { pixelScene } from '../../../../training/datasets/scene-effects/pixel-scene.js';
import { roughenSurfaces } from '../../../../training/datasets/scene-effects/roughen-surfaces.js';
import { thickenAir } from '../../../../training/datasets/scene-effects/thicken-air.js';
import { weatherGround } from '../../../../training/datasets/scene-effects/weather-ground.js';
import { wetRoad } from '../../../../training/datasets/scene-effects/wet-road.js';
import { Random } from '../../../../training/simulator/random.js';
import { plainOptions, sampleOf } from '../samples.js';

const WIDTH = 64;
const HEIGHT = 40;
const FOCAL = 50;
const CENTRE = (HEIGHT - 1) / 2;
const CAMERA_HEIGHT = 1.5;
const WHOLE: Window = { left: 0, top: 0, step: 1, flipped: false };
const ROAD = 0;
const BUILDING = 2;
const SKY = 10;

/** A level road below the horizon, a wall 20 m ahead on the left half above it, sky on the right. */
const labelAt = (x: number, y: number): number => (y > CENTRE ? ROAD : x < WIDTH / 2 ? BUILDING : SKY);
const depthAt = (x: number, y: number): number =>
  y > CENTRE ? (CAMERA_HEIGHT * FOCAL) / (y - CENTRE) : x < WIDTH / 2 ? 20 : Number.POSITIVE_INFINITY;
const street = () =>
  sampleOf(WIDTH, HEIGHT, {
    focal: FOCAL,
    depth: depthAt,
    label: labelAt,
    rgb: (x, y) => [100, 120, (x * 3 + y) % 200],
  });
const view = () => pixelScene(street(), WHOLE, WIDTH, HEIGHT);
const each = (visit: (i: number, label: number) => void): void => {
  for (let y = 0; y < HEIGHT; y++) for (let x = 0; x < WIDTH; x++) visit(y * WIDTH + x, labelAt(x, y));
};
const near = (a: number, b: number, tolerance: number): boolean => Math.abs(a - b) <= tolerance;

test('pixels are back-projected by the pinhole model, and the road gives the height of the camera', (t) => {
  const scene = view();
  const i = 35 * WIDTH + 60;
  const depth = (CAMERA_HEIGHT * FOCAL) / (35 - CENTRE);
  t.true(near(scene.z[i] ?? 0, depth, 1e-4));
  t.true(near(scene.x[i] ?? 0, ((60 - (WIDTH - 1) / 2) / FOCAL) * depth, 1e-4));
  t.true(near(scene.y[i] ?? 0, CAMERA_HEIGHT, 1e-4));
  t.true(near(scene.cameraHeightMeters, CAMERA_HEIGHT, 1e-4));
  t.is(scene.horizonRow, CENTRE);
});

test('a mirrored crop at another scale shows the truth of the pixels it was taken from', (t) => {
  const sample = street();
  const scene = pixelScene(sample, { left: 8, top: 4, step: 2, flipped: true }, 20, 15);
  for (const [row, column] of [
    [14, 3],
    [2, 17],
  ] as const) {
    const sx = Math.round(8 + (20 - 1 - column + 0.5) * 2 - 0.5);
    const sy = Math.round(4 + (row + 0.5) * 2 - 0.5);
    const i = row * 20 + column;
    t.is(scene.labels[i], labelAt(sx, sy));
    t.is(scene.z[i], Math.fround(depthAt(sx, sy)));
    t.is(scene.source[i], sy * WIDTH + sx);
  }
});

test('scene effects change the image and nothing of depth, weights and classes', (t) => {
  const options = (scene: boolean) => ({
    ...plainOptions(WIDTH, HEIGHT),
    augmentation: { ...NO_AUGMENTATION, scene },
  });
  const plain = emptyBatch(options(false));
  fillBatch(plain, 0, street(), options(false), new Random(1));
  let changed = 0;
  for (let seed = 1; seed <= 40; seed++) {
    const batch = emptyBatch(options(true));
    fillBatch(batch, 0, street(), options(true), new Random(seed));
    t.deepEqual(batch.disparity, plain.disparity);
    t.deepEqual(batch.weight, plain.weight);
    t.deepEqual(batch.labels, plain.labels);
    t.true(batch.image.every((value) => value >= 0 && value <= 1));
    if (!batch.image.every((value, i) => value === plain.image[i])) changed++;
  }
  t.true(changed > 30, `${changed} of 40 images were changed`);
});

test('the same seed draws the same light; without the option nothing more is drawn than before', (t) => {
  const options = { ...plainOptions(WIDTH, HEIGHT), augmentation: SCENE_AUGMENTATION };
  const draw = (seed: number) => {
    const batch = emptyBatch(options);
    fillBatch(batch, 0, street(), options, new Random(seed));
    return batch;
  };
  t.deepEqual(draw(3), draw(3));
  t.notDeepEqual(draw(3).image, draw(4).image);
  t.is(STRONG_AUGMENTATION.scene, undefined);
});

test('shadows only darken, never the sky, and fall on the road', (t) => {
  let shaded = 0;
  for (let seed = 1; seed <= 20; seed++) {
    const light = plainLight(WIDTH * HEIGHT);
    castShadows(view(), light, new Random(seed));
    each((i, label) => {
      const gain = light.gain[i * 3] ?? 0;
      t.true(gain <= 1 && gain > 0.15);
      if (label === SKY) t.is(gain, 1);
      if (label === ROAD && gain < 0.9) shaded++;
    });
    t.true(light.offset.every((value) => value === 0));
  }
  t.true(shaded > 1000);
});

test('worn ground is ground alone, rough surfaces are all else but the sky', (t) => {
  for (let seed = 1; seed <= 10; seed++) {
    const ground = plainLight(WIDTH * HEIGHT);
    weatherGround(view(), ground, new Random(seed));
    const walls = plainLight(WIDTH * HEIGHT);
    roughenSurfaces(view(), walls, new Random(seed));
    each((i, label) => {
      if (label !== ROAD) t.true(ground.gain[i * 3] === 1 && ground.offset[i * 3] === 0);
      if (label !== BUILDING) t.is(walls.gain[i * 3], 1);
    });
    t.true(ground.gain.some((value) => value !== 1));
    t.true(walls.gain.some((value) => value !== 1));
  }
});

test('contrast fades in fog with exp(-distance / range), and what is far takes the colour of the air', (t) => {
  const scene = view();
  const light = plainLight(WIDTH * HEIGHT);
  thickenAir(scene, light, new Random(5));
  const wall = Math.log(light.gain[0] ?? 0) / -20;
  each((i, label) => {
    if (label === SKY) return;
    const expected = Math.exp(-wall * (scene.z[i] ?? 0));
    t.true(near(light.gain[i * 3 + 1] ?? 0, expected, 1e-4));
    // gain * x + offset with x = the air's colour is the air's colour.
    const air = (light.offset[i * 3 + 1] ?? 0) / (1 - expected);
    t.true(near(air, (light.offset[1] ?? 0) / (1 - Math.exp(-wall * 20)), 0.1));
  });
});

test('a wet road mirrors the row as far above the horizon as it lies below', (t) => {
  const sample = street();
  let mirrored = 0;
  for (let seed = 1; seed <= 12; seed++) {
    const light = plainLight(WIDTH * HEIGHT);
    wetRoad(view(), light, new Random(seed), sample);
    each((i, label) => {
      const offset = light.offset[i * 3] ?? 0;
      if (label !== ROAD) t.is(offset, 0);
      // Everything above the horizon has a red of 100: what is mirrored adds 100 times its share.
      const share = offset / 100;
      t.true((light.gain[i * 3] ?? 0) <= 1 - share + 1e-5);
      if (share > 0.05) mirrored++;
    });
  }
  t.true(mirrored > 100);
});

test('headlamps light the near road more than the far one where no street lamp does', (t) => {
  let compared = 0;
  for (let seed = 1; seed <= 30; seed++) {
    const light = plainLight(WIDTH * HEIGHT);
    night(view(), light, new Random(seed));
    t.true(light.gain.every((value) => value > 0 && value < 3));
    // 3.8 and 50 m ahead; the wall 20 m ahead to the left, high over the beam, shows what other light there is.
    const at = (row: number, column: number) => light.gain[(row * WIDTH + column) * 3] ?? 0;
    const others = at(0, 2);
    if (others > 0.3) continue;
    compared++;
    t.true(at(HEIGHT - 1, 32) > at(21, 32));
  }
  t.true(compared > 3, `${compared}`);
});

test('glare and a burnt sky stay finite and burn the sky to white', (t) => {
  const scene = view();
  const burnt = plainLight(WIDTH * HEIGHT);
  blownSky(scene, burnt, new Random(2));
  each((i, label) => {
    const value = 150 * (burnt.gain[i * 3] ?? 0) + (burnt.offset[i * 3] ?? 0);
    if (label === SKY) t.true(value > 220);
    else t.true(value <= 150);
  });
  for (const effect of [lowSun, dirtyLens]) {
    const light = plainLight(WIDTH * HEIGHT);
    effect(scene, light, new Random(9));
    t.true(light.gain.every((value) => value >= 0 && value <= 1));
    t.true(light.offset.every((value) => value >= 0 && Number.isFinite(value)));
    t.true(light.offset.some((value) => value > 0));
  }
});

test('a blind camera hides much of the picture, and nothing of the truth', (t) => {
  // Of a pixel with gain g, g times what was there is still seen.
  const kept = Array.from({ length: 60 }, (_, seed) => {
    const light = plainLight(WIDTH * HEIGHT);
    blindCamera(view(), light, new Random(seed, 1));
    return light.gain.reduce((sum, gain) => sum + Math.min(1, gain), 0) / light.gain.length;
  });
  t.true(kept.filter((share) => share < 0.7).length > 30, 'most of them hide a third or more');
  t.true(kept.every(Number.isFinite));
  const options = (blind?: number) => ({
    ...plainOptions(WIDTH, HEIGHT),
    augmentation: { ...NO_AUGMENTATION, ...(blind !== undefined && { blind }) },
  });
  const filled = (blind?: number) => {
    const batch = emptyBatch(options(blind));
    fillBatch(batch, 0, street(), options(blind), new Random(5, 5));
    return batch;
  };
  const [plain, never, always] = [filled(), filled(0), filled(1)];
  t.deepEqual(never, plain);
  t.notDeepEqual(always.image, plain.image);
  for (const field of ['disparity', 'weight', 'labels'] as const) t.deepEqual(always[field], plain[field]);
});
