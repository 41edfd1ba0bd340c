import { noise2 } from '../../simulator/noise.js';
import type { Random } from '../../simulator/random.js';
import { dim, type PictureLight } from './picture-light.js';
import { isSky, type PixelScene } from './pixel-scene.js';

/** Share of the sun that reaches a point of the ground plane (metres), 0..1. */
type ShadowPattern = (x: number, z: number) => number;

/**
 * Shadows of things that the picture does not show: trees, walls, bridges, poles, wires, vehicles. A point is shaded as the
 * ground point that the sun's ray through it meets, so that shadows climb whatever stands on the ground.
 */
export function castShadows(scene: PixelScene, light: PictureLight, random: Random): void {
  const patterns = drawPatterns(random);
  // Metres on the ground for a metre of height: a sun between 12 and 70 degrees over the horizon.
  const reach = random.logUniform(0.36, 4.5);
  const azimuth = random.uniform(0, 2 * Math.PI);
  const shiftX = reach * Math.cos(azimuth);
  const shiftZ = reach * Math.sin(azimuth);
  const dark = random.uniform(0.22, 0.7);
  const blue = random.uniform(0, 0.12);
  const { x, y, z, labels, cameraHeightMeters } = scene;
  for (let i = 0; i < z.length; i++) {
    if (isSky(labels[i], z[i]) || !(z[i] < 90)) continue;
    const height = cameraHeightMeters - y[i];
    const gx = x[i] + height * shiftX;
    const gz = z[i] + height * shiftZ;
    let sun = 1;
    for (const pattern of patterns) sun = Math.min(sun, pattern(gx, gz));
    if (sun >= 1) continue;
    const k = dark + (1 - dark) * sun;
    dim(light, i, k, k, k + blue * (1 - sun));
  }
}

function drawPatterns(random: Random): ShadowPattern[] {
  const count = random.chance(0.35) ? 2 : 1;
  return Array.from({ length: count }, () => {
    switch (random.weighted({ foliage: 5, walls: 3, stripes: 2, band: 1.5, blobs: 2 })) {
      case 'foliage':
        return foliage(random);
      case 'walls':
        return walls(random);
      case 'stripes':
        return stripes(random);
      case 'band':
        return band(random);
      default:
        return blobs(random);
    }
  });
}

/** Crowns with ragged edges and spots of sun within. */
function foliage(random: Random): ShadowPattern {
  const seed = random.uint32() | 0;
  const crown = 1 / random.logUniform(2, 9);
  const leaf = 1 / random.logUniform(0.15, 0.9);
  const cover = random.uniform(0.35, 0.7);
  const ragged = random.uniform(0.15, 0.5);
  const soft = random.uniform(3, 12);
  return (x, z) => {
    const n =
      noise2(x * crown, z * crown, seed) * (1 - ragged) + noise2(x * leaf, z * leaf, seed + 1) * ragged;
    return clamp01(0.5 + (n - cover + 0.12) * soft);
  };
}

/** Straight edges of buildings and vehicles of any size, turned any way. */
function walls(random: Random): ShadowPattern {
  const boxes = Array.from({ length: random.integer(1, 4) }, () => {
    const angle = random.uniform(0, Math.PI);
    return {
      x: random.uniform(-8, 8),
      z: random.uniform(1, 30),
      c: Math.cos(angle),
      s: Math.sin(angle),
      a: random.logUniform(0.8, 14),
      b: random.logUniform(0.5, 8),
    };
  });
  const soft = random.logUniform(1.5, 25);
  return (x, z) => {
    let sun = 1;
    for (const box of boxes) {
      const dx = x - box.x;
      const dz = z - box.z;
      const outside = Math.max(
        Math.abs(dx * box.c + dz * box.s) - box.a,
        Math.abs(dz * box.c - dx * box.s) - box.b,
      );
      sun = Math.min(sun, clamp01(0.5 + outside * soft));
    }
    return sun;
  };
}

/** Poles, railings, wires, window frames: parallel bars with uneven gaps. */
function stripes(random: Random): ShadowPattern {
  const angle = random.uniform(0, Math.PI);
  const c = Math.cos(angle);
  const s = Math.sin(angle);
  const period = random.logUniform(0.3, 7);
  const width = period * random.uniform(0.06, 0.5);
  const seed = random.uint32() | 0;
  const soft = random.logUniform(4, 40);
  return (x, z) => {
    const t = x * c + z * s + 0.6 * period * noise2(0, (x * c + z * s) / (period * 2.3), seed);
    const phase = t - Math.floor(t / period) * period;
    return clamp01(0.5 + (Math.abs(phase - period / 2) - width / 2) * soft);
  };
}

/** A bridge or gantry across the road, or a long wall along it. */
function band(random: Random): ShadowPattern {
  const along = random.chance(0.35);
  const tilt = random.normal(0, 0.25);
  const centre = along ? random.uniform(-6, 6) : random.uniform(2, 35);
  const half = along ? random.uniform(0.8, 4) : random.logUniform(0.4, 9);
  const soft = random.logUniform(2, 20);
  return (x, z) => {
    const t = along ? x + tilt * z * 0.2 : z + tilt * x;
    return clamp01(0.5 + (Math.abs(t - centre) - half) * soft);
  };
}

/** Round patches of the size of people, cars and vans. */
function blobs(random: Random): ShadowPattern {
  const seed = random.uint32() | 0;
  const spots = Array.from({ length: random.integer(1, 5) }, () => ({
    x: random.uniform(-5, 5),
    z: random.uniform(1.5, 25),
    a: random.logUniform(0.3, 2.2),
    b: random.logUniform(0.3, 3),
  }));
  const soft = random.uniform(1.5, 8);
  return (x, z) => {
    const wobble = 0.6 + 0.8 * noise2(x * 0.9, z * 0.9, seed);
    let sun = 1;
    for (const { x: cx, z: cz, a, b } of spots) {
      const d = Math.sqrt(((x - cx) / a) ** 2 + ((z - cz) / b) ** 2);
      sun = Math.min(sun, clamp01(0.5 + (d - wobble) * soft));
    }
    return sun;
  };
}

function clamp01(value: number): number {
  return value < 0 ? 0 : Math.min(value, 1);
}
