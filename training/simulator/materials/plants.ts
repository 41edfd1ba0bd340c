import type { Surface } from '../mesh/surface.js';
import { fadedNoise3, latticePoint } from '../noise.js';
import type { ShadingSample } from './sample.js';

/** Leaves: clumps of light and dark. params: [contrast, leaf size factor, darkness of the inside]. */
export function shadeFoliage(sample: ShadingSample, surface: Surface): void {
  const { x, y, z, footprint } = sample;
  const seed = surface.seed;
  const contrast = surface.params[0];
  const size = surface.params[1];
  const point = latticePoint(x, y, z);
  const leaves = fadedNoise3(point, 12 / size, footprint, seed + 1);
  const clumps = fadedNoise3(point, 2.6 / size, footprint, seed + 2);
  const fine = fadedNoise3(point, 41 / size, footprint, seed + 3);
  const light = 0.34 * leaves + 0.3 * clumps + 0.36 * fine;
  sample.blend(surface.color2, clumps);
  const tone = 1 + contrast * 4.5 * (light - 0.5);
  sample.scale(Math.max(tone, 0.08) * surface.params[2]);
  sample.translucency = 0.35;
  // Leaves turn their faces every way: some catch the sun, some do not.
  sample.sparkle = 0.1 + 0.9 * leaves + 0.9 * fine;
}

/** Bark, wood, painted or galvanised metal tubes. params: [contrast, mirror, band period (m) or 0]. */
export function shadeMetal(sample: ShadingSample, surface: Surface): void {
  const [contrast, mirror, band] = surface.params;
  const { lx, ly, lz, footprint } = sample;
  const streaks = fadedNoise3(latticePoint(lx * 9, ly * 9, lz), 1.6, footprint * 6, surface.seed);
  const spots = fadedNoise3(latticePoint(lx, ly, lz), 6, footprint, surface.seed + 1);
  sample.scale(1 + contrast * (streaks - 0.5) + 0.5 * contrast * (spots - 0.5));
  if (band > 0 && ((lz / band) & 1) === 1) sample.blend(surface.color2, 1);
  sample.mirror = mirror;
}
