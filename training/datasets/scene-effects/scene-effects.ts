import type { Random } from '../../simulator/random.js';
import type { Window } from '../batches/augmentation.js';
import type { Sample } from '../stores/sample.js';
import { castShadows } from './cast-shadows.js';
import { blownSky, dirtyLens, lowSun } from './glare.js';
import { night } from './night.js';
import { type PictureLight, plainLight } from './picture-light.js';
import { pixelScene } from './pixel-scene.js';
import { roughenSurfaces } from './roughen-surfaces.js';
import { thickenAir } from './thicken-air.js';
import { weatherGround } from './weather-ground.js';
import { wetRoad } from './wet-road.js';

/** How often each effect is drawn; they combine. */
const CHANCE = {
  ground: 0.65,
  rough: 0.5,
  wet: 0.1,
  shadows: 0.5,
  night: 0.06,
  blownSky: 0.2,
  air: 0.1,
  lowSun: 0.12,
  dirt: 0.12,
} as const;

/**
 * Draws light, weather and wear for a `width` x `height` view of a sample whose depth and classes are known. It draws what a
 * rendered street lacks of real ones, new every time a sample is seen. Nothing of it changes depth or classes.
 */
export function drawSceneLight(
  sample: Sample,
  window: Window,
  width: number,
  height: number,
  random: Random,
): PictureLight {
  const scene = pixelScene(sample, window, width, height);
  const light = plainLight(width * height);
  // From the surface to the lens: albedo, mirror images, sun and shade, air, glass.
  if (random.chance(CHANCE.ground)) weatherGround(scene, light, random);
  if (random.chance(CHANCE.rough)) roughenSurfaces(scene, light, random);
  if (random.chance(CHANCE.wet)) wetRoad(scene, light, random, sample);
  if (random.chance(CHANCE.shadows)) castShadows(scene, light, random);
  if (random.chance(CHANCE.night)) night(scene, light, random);
  else if (random.chance(CHANCE.blownSky)) blownSky(scene, light, random);
  if (random.chance(CHANCE.air)) thickenAir(scene, light, random);
  if (random.chance(CHANCE.lowSun)) lowSun(scene, light, random);
  if (random.chance(CHANCE.dirt)) dirtyLens(scene, light, random);
  return light;
}
