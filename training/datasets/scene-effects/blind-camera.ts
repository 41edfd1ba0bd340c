import { noise2 } from '../../simulator/noise.js';
import type { Random } from '../../simulator/random.js';
import { type PictureLight, veil } from './picture-light.js';
import { isSky, type PixelScene } from './pixel-scene.js';

/** What covers part of a lens lets so little of the picture pass, and ends so softly, as a share of the picture's width. */
const MOST_TRANSPARENT = 0.12;
const EDGE = { sharpest: 0.01, softest: 0.12 } as const;

/**
 * What a depth network must not be trusted in. Fog hides all but the nearest metres, or a lens is covered in part or whole. A
 * sensor saw next to nothing or too much. Teaches confidence, not depth.
 */
export function blindCamera(scene: PixelScene, light: PictureLight, random: Random): void {
  const kind = random.uniform();
  if (kind < 0.4) denseFog(scene, light, random);
  else if (kind < 0.8) coverLens(scene, light, random);
  else wrongExposure(scene, light, random);
}

/** As `thickenAir`, thicker than it teaches depth with. */
function denseFog({ z, labels }: PixelScene, light: PictureLight, random: Random): void {
  const rangeMeters = random.logUniform(3, 30);
  const brightness = random.uniform(90, 245);
  const cold = random.normal(0, 0.04);
  const air = [brightness * (1 - cold), brightness, Math.min(255, brightness * (1 + cold))] as const;
  for (let i = 0; i < z.length; i++) {
    const pass = isSky(labels[i], z[i]) || Number.isNaN(z[i]) ? 0 : Math.exp(-z[i] / rangeMeters);
    veil(light, i, pass, air, 1 - pass);
  }
}

/** Mud, snow, a leaf, a hand, a cap: all of the picture, one side of it or a blob, nearly opaque. */
function coverLens({ width, height }: PixelScene, light: PictureLight, random: Random): void {
  const pass = random.uniform(0, MOST_TRANSPARENT);
  const grey = random.chance(0.5) ? random.uniform(0, 60) : random.uniform(60, 250);
  const color = [grey, grey * random.uniform(0.75, 1.05), grey * random.uniform(0.6, 1.1)] as const;
  const soft = random.logUniform(EDGE.sharpest, EDGE.softest) * width;
  const seed = random.uint32() | 0;
  const grain = random.uniform(0.03, 0.3) * width;
  const roughness = random.uniform(0, 2) * soft;
  const depthOf = insideOf({ width, height }, random);
  for (let row = 0, i = 0; row < height; row++) {
    for (let column = 0; column < width; column++, i++) {
      const wave = roughness * (noise2(column / grain, row / grain, seed) - 0.5);
      const share = Math.min(1, Math.max(0, 0.5 + (depthOf(column, row) + wave) / soft));
      const shade = 0.85 + 0.3 * noise2(column / grain / 0.6, row / grain / 0.6, seed + 1);
      const opaque = share * (1 - pass);
      const [r, g, b] = color;
      if (share > 0) veil(light, i, 1 - opaque, [r * shade, g * shade, b * shade], opaque);
    }
  }
}

/** How far within the cover a pixel lies, in pixels; negative outside. */
function insideOf(
  { width, height }: { readonly width: number; readonly height: number },
  random: Random,
): (column: number, row: number) => number {
  const kind = random.uniform();
  if (kind < 0.3) return () => width;
  if (kind < 0.6) {
    const angle = random.uniform(0, 2 * Math.PI);
    const [nx, ny] = [Math.cos(angle), Math.sin(angle)];
    const [px, py] = [random.uniform(0.1, 0.9) * width, random.uniform(0.1, 0.9) * height];
    return (column, row) => (column - px) * nx + (row - py) * ny;
  }
  const [cx, cy] = [random.uniform(0, 1) * width, random.uniform(0, 1) * height];
  const radius = random.uniform(0.12, 0.5) * width;
  const flat = random.uniform(0.5, 2);
  return (column, row) => radius - Math.hypot(column - cx, (row - cy) * flat);
}

/** Next to no light, or far too much. */
function wrongExposure({ z }: PixelScene, light: PictureLight, random: Random): void {
  const isDark = random.chance(0.5);
  const gain = isDark ? random.logUniform(0.004, 0.06) : random.logUniform(3, 20);
  const lift = isDark ? random.uniform(0, 12) : 0;
  for (let i = 0; i < z.length; i++) veil(light, i, gain, [lift, lift, lift]);
}
