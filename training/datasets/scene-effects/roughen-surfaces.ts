import { fadedNoise3, latticePoint, noise3At } from '../../simulator/noise.js';
import type { Random } from '../../simulator/random.js';
import { dim, type PictureLight } from './picture-light.js';
import { isGround, isSky, type PixelScene } from './pixel-scene.js';

/** Grain and dirt on everything that stands: simulated walls, leaves and sheet metal are smoother than real ones. */
export function roughenSurfaces(scene: PixelScene, light: PictureLight, random: Random): void {
  const seed = random.uint32() | 0;
  const coarse = { frequency: random.logUniform(0.25, 1.2), amount: random.uniform(0, 0.5) };
  const medium = { frequency: random.logUniform(1.5, 5), amount: random.uniform(0, 0.5) };
  const fine = { frequency: random.logUniform(6, 25), amount: random.uniform(0, 0.7) };
  const { x, y, z, labels } = scene;
  const focal = scene.height;
  for (let i = 0; i < z.length; i++) {
    if (isSky(labels[i], z[i]) || isGround(labels[i]) || !(z[i] < 90)) continue;
    const footprint = z[i] / focal;
    const point = latticePoint(x[i], y[i], z[i]);
    let tone = 1 + coarse.amount * (noise3At(point, coarse.frequency, seed) - 0.5);
    tone += medium.amount * (fadedNoise3(point, medium.frequency, footprint, seed + 1) - 0.5);
    tone += fine.amount * (fadedNoise3(point, fine.frequency, footprint, seed + 2) - 0.5);
    dim(light, i, Math.max(tone, 0.2));
  }
}
