import type { Random } from '../../simulator/random.js';
import { dim, type PictureLight } from './picture-light.js';
import { isSky, type PixelScene } from './pixel-scene.js';

/** Dusk or night: little light from the sky, the car's own headlamps ahead (falling with the distance's square), street lamps. */
export function night(scene: PixelScene, light: PictureLight, random: Random): void {
  const ambient = random.logUniform(0.1, 0.5);
  const sky = random.logUniform(0.03, 0.6);
  const lamps = random.uniform(0.2, 1.6);
  const reachMeters = random.uniform(6, 30);
  const spreadShare = random.uniform(0.25, 0.7);
  const street = random.chance(0.6) ? random.uniform(0.05, 0.5) : 0;
  const period = random.uniform(18, 45);
  const phase = random.uniform(0, period);
  const { x, y, z, labels } = scene;
  for (let i = 0; i < z.length; i++) {
    if (isSky(labels[i], z[i])) {
      dim(light, i, sky * 0.8, sky * 0.9, Math.min(1, sky * 1.15));
      continue;
    }
    if (!(z[i] > 0)) continue;
    const side = x[i] / z[i] / spreadShare;
    const up = Math.max(0, -y[i] / z[i]) * 6;
    const beam = (lamps * Math.exp(-side * side - up)) / (1 + (z[i] / reachMeters) ** 2);
    const pool =
      street === 0 ? 0 : street * (0.5 + 0.5 * Math.cos(((z[i] + phase) / period) * 2 * Math.PI)) ** 3;
    dim(
      light,
      i,
      ambient * 0.85 + beam + pool,
      ambient * 0.95 + beam * 0.97 + pool * 0.85,
      ambient * 1.1 + beam * 0.88 + pool * 0.6,
    );
  }
}
