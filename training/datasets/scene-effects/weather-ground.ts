import { ROAD } from '../../../models/class-table.js';
import { fadedNoise2, hash2, noise2 } from '../../simulator/noise.js';
import type { Random } from '../../simulator/random.js';
import { dim, type PictureLight, veil } from './picture-light.js';
import { isGround, type PixelScene } from './pixel-scene.js';

/**
 * Ages the ground: stains, patches of other asphalt, tar, slabs, worn paint, dust. All of it is flat, whatever it looks like.
 */
export function weatherGround(scene: PixelScene, light: PictureLight, random: Random): void {
  const seed = random.uint32() | 0;
  const turn = random.normal(0, 0.25);
  const c = Math.cos(turn);
  const s = Math.sin(turn);
  const shiftX = random.uniform(0, 1000);
  const shiftZ = random.uniform(0, 1000);
  const amplitudes = [0.5, 1.7, 6, 22].map((frequency) => ({
    frequency: frequency * random.logUniform(0.6, 1.6),
    amount: random.uniform(0, 0.55) * random.uniform(),
  }));
  const patches = random.chance(0.5)
    ? {
        length: random.logUniform(1.2, 12),
        width: random.logUniform(0.6, 3.5),
        share: random.uniform(0.1, 0.5),
        tone: random.uniform(0.15, 0.6),
      }
    : undefined;
  const tar = random.chance(0.4)
    ? { frequency: random.logUniform(0.25, 1.2), dark: random.uniform(0.3, 0.75) }
    : undefined;
  const joints = random.chance(0.15)
    ? { length: random.logUniform(0.4, 8), width: random.logUniform(0.4, 4), dark: random.uniform(0.15, 0.6) }
    : undefined;
  const paint = random.chance(0.35) ? drawPaint(random) : undefined;
  const tint = random.normal(0, 0.06);
  const base = random.chance(0.5) ? random.logUniform(0.55, 1.6) : 1;
  const { x, z, labels, cameraHeightMeters } = scene;
  const focal = scene.height; // A pixel's size on the ground fades detail; only its order matters.
  for (let i = 0; i < z.length; i++) {
    if (!isGround(labels[i]) || !(z[i] < 120)) continue;
    const u = x[i] * c + z[i] * s + shiftX;
    const v = z[i] * c - x[i] * s + shiftZ;
    const footprint = z[i] / focal;
    const stretch = (footprint * z[i]) / cameraHeightMeters;
    let tone = 1;
    for (let k = 0; k < amplitudes.length; k++) {
      const { frequency, amount } = amplitudes[k];
      tone += amount * (fadedNoise2(u, v, frequency, k < 2 ? footprint : stretch * 0.5, seed + k) - 0.5);
    }
    if (patches !== undefined) {
      const pu = Math.floor(u / patches.width);
      const pv = Math.floor((v + 3 * hash2(pu, 7, seed)) / patches.length);
      if (hash2(pu, pv, seed + 11) < patches.share)
        tone *= 1 + patches.tone * (2 * hash2(pu, pv, seed + 12) - 1.2);
    }
    if (tar !== undefined) {
      const n = noise2(u * tar.frequency, v * tar.frequency * 0.6, seed + 21) - 0.5;
      const line = Math.abs(n) / (0.012 + footprint * tar.frequency * 0.7);
      if (line < 1) tone *= 1 - tar.dark * (1 - line);
    }
    if (joints !== undefined) {
      const gapU = Math.abs(u / joints.width - Math.round(u / joints.width)) * joints.width;
      const gapV = Math.abs(v / joints.length - Math.round(v / joints.length)) * joints.length;
      if (Math.min(gapU, gapV + stretch) < 0.012 + footprint * 0.5) tone *= 1 - joints.dark;
    }
    tone = Math.max(tone, 0.12);
    const road = labels[i] === ROAD;
    dim(
      light,
      i,
      tone * (road ? base * (1 + tint) : 1),
      tone * (road ? base : 1),
      tone * (road ? base * (1 - tint) : 1),
    );
    if (paint !== undefined && road) {
      const share = paint(x[i], z[i]) * (0.5 + noise2(u * 5, v * 5, seed + 31) * 0.5);
      if (share > 0.02) veil(light, i, 1 - share, PAINT, share);
    }
  }
}

const PAINT = [205, 205, 200] as const;

/** Letters, arrows, hatchings, stop lines: bars on the road, turned any way. Share of paint at a point, 0..1. */
function drawPaint(random: Random): (x: number, z: number) => number {
  const bars = Array.from({ length: random.integer(1, 7) }, () => {
    const angle = random.chance(0.6) ? random.pick([0, Math.PI / 2]) : random.uniform(0, Math.PI);
    return {
      x: random.uniform(-4, 4),
      z: random.uniform(2, 25),
      c: Math.cos(angle),
      s: Math.sin(angle),
      a: random.logUniform(0.15, 4),
      b: random.logUniform(0.06, 0.35),
    };
  });
  return (x, z) => {
    for (const bar of bars) {
      const dx = x - bar.x;
      const dz = z - bar.z;
      if (Math.abs(dx * bar.c + dz * bar.s) < bar.a && Math.abs(dz * bar.c - dx * bar.s) < bar.b) return 0.85;
    }
    return 0;
  };
}
