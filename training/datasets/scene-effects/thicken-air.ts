import type { Random } from '../../simulator/random.js';
import { type PictureLight, veil } from './picture-light.js';
import { isSky, type PixelScene } from './pixel-scene.js';

/** Haze or fog: light fades with exp(-distance / range) towards the colour of the air (Koschmieder's law). */
export function thickenAir(scene: PixelScene, light: PictureLight, random: Random): void {
  const rangeMeters = random.logUniform(12, 260);
  const brightness = random.uniform(120, 245);
  const cold = random.normal(0, 0.04);
  const air = [brightness * (1 - cold), brightness, Math.min(255, brightness * (1 + cold))] as const;
  // Low fog thins out above; a clear strip of sky may stay.
  const skyShare = random.chance(0.7) ? 1 : random.uniform(0.4, 1);
  const { z, labels } = scene;
  for (let i = 0; i < z.length; i++) {
    const pass = isSky(labels[i], z[i])
      ? 1 - skyShare
      : Number.isNaN(z[i])
        ? 1
        : Math.exp(-z[i] / rangeMeters);
    veil(light, i, pass, air, 1 - pass);
  }
}
