import type { Surface } from '../mesh/surface.js';
import { fadedNoise2, hash2 } from '../noise.js';
import { coverage, type ShadingSample, stripes } from './sample.js';

/**
 * Asphalt with lane markings; u = metres along the road, v = metres to the left of its axis.
 * params: [grain, wear, dash length, dash period, markings n, then n times (v, width, dashed 0/1, brightness),
 * crossings m, then m times (u from, u to)].
 */
export function shadeRoad(sample: ShadingSample, surface: Surface): void {
  const { u, v, footprint, stretch } = sample;
  const p = surface.params;
  const seed = surface.seed;
  const grain = p[0];
  const wear = p[1];
  const long = Math.max(stretch, footprint);
  const coarse = fadedNoise2(u * 0.35, v, 0.35, footprint, seed);
  const stains = fadedNoise2(u * 0.25, v, 1.3, footprint, seed + 1);
  const medium = fadedNoise2(u, v, 6, long, seed + 2);
  const fine = fadedNoise2(u, v, 45, long, seed + 3);
  let tone =
    1 +
    wear * 0.5 * (coarse - 0.5) +
    wear * 0.5 * (stains - 0.5) +
    grain * 0.5 * (medium - 0.5) +
    grain * 0.9 * (fine - 0.5);
  // Patches: rectangles of newer asphalt.
  const pu = Math.floor(u / 11);
  const pv = Math.floor(v / 2.3);
  const patch = hash2(pu, pv, seed + 4);
  if (patch < 0.12 * wear) {
    const inside =
      coverage(u, pu * 11 + patch * 40, pu * 11 + 10 - patch * 20, long) *
      coverage(v, pv * 2.3 + 0.2, pv * 2.3 + 2.1, footprint);
    tone *= 1 - (hash2(pu, pv, seed + 5) - 0.35) * 0.7 * inside;
  }
  // Cracks and tar seams: where slow noise crosses its middle.
  if (wear > 0.35 && footprint < 0.05) {
    const c = fadedNoise2(u * 0.6, v, 0.9, footprint, seed + 6) - 0.5;
    const width = 0.008 + footprint * 0.4;
    const line = Math.abs(c) < width ? 1 - Math.abs(c) / width : 0;
    tone *= 1 - 0.45 * wear * line * Math.min(1, 0.012 / width + 0.3);
  }
  sample.scale(Math.max(tone, 0.15));
  const count = p[4];
  for (let i = 0; i < count; i++) {
    const at = p[5 + i * 4];
    const half = p[6 + i * 4] * 0.5;
    let share = coverage(v, at - half, at + half, footprint);
    if (share <= 0) continue;
    if (p[7 + i * 4] > 0) share *= stripes(u, p[3], p[2], long);
    const worn = 1 - wear * 0.7 * Math.max(0, medium * 0.6 + coarse * 0.7 - 0.35);
    sample.blendGrey(p[8 + i * 4], share * Math.max(worn, 0.2));
  }
  const base = 5 + count * 4;
  const crossings = p[base] ?? 0;
  for (let i = 0; i < crossings; i++) {
    const from = p[base + 1 + i * 2];
    const to = p[base + 2 + i * 2];
    if (u < from - 1 || u > to + 1) continue;
    const zebra = to - from > 1.5 ? stripes(v, 1.1, 0.55, footprint) : 1;
    sample.blendGrey(0.6, coverage(u, from, to, long) * zebra * 0.85);
  }
  sample.mirror = 0.015;
}

/** Slabs or cobbles; u along, v across. params: [slab length, slab width, joint width (m), joint darkness, tone variation]. */
export function shadePaving(sample: ShadingSample, surface: Surface): void {
  const { u, v, footprint, stretch } = sample;
  const [length, width, joint, darkness, variation] = surface.params;
  const seed = surface.seed;
  const long = Math.max(stretch, footprint);
  const row = Math.floor(v / width);
  const shifted = u + (row & 1) * length * 0.5;
  const column = Math.floor(shifted / length);
  const fade = Math.max(0, 1 - (1.3 * long) / length);
  let tone = 1 + variation * fade * (hash2(column, row, seed) - 0.5);
  const fu = shifted - column * length;
  const fv = v - row * width;
  if (fade > 0) {
    const ju = Math.min(fu, length - fu) < joint ? 1 : 0;
    const jv = Math.min(fv, width - fv) < joint ? 1 : 0;
    tone *= 1 - darkness * fade * Math.max(ju, jv);
  }
  tone *= 1 + 0.35 * (fadedNoise2(u, v, 0.6, footprint, seed + 1) - 0.5);
  tone *= 1 + 0.4 * (fadedNoise2(u, v, 14, long, seed + 2) - 0.5);
  sample.scale(tone);
}

/** Grass, earth, leaves, gravel: patches of two colours. params: [patch frequency (1/m), share of the second colour, contrast]. */
export function shadeGrass(sample: ShadingSample, surface: Surface): void {
  const { x, y, footprint, stretch } = sample;
  const [frequency, share, contrast] = surface.params;
  const seed = surface.seed;
  const long = Math.max(stretch * 0.5, footprint);
  const patches =
    0.65 * fadedNoise2(x, y, frequency, footprint, seed) +
    0.35 * fadedNoise2(x, y, frequency * 4.1, long, seed + 1);
  const edge = (patches - (1 - share)) * 6 + 0.5;
  sample.blend(surface.color2, edge < 0 ? 0 : Math.min(edge, 1));
  const blades = fadedNoise2(x, y, 9, long, seed + 2) * 0.5 + fadedNoise2(x, y, 38, long, seed + 3) * 0.5;
  const tufts = fadedNoise2(x, y, 2.3, footprint, seed + 4);
  sample.scale(Math.max(0.1, 1 + contrast * (1.3 * (blades - 0.5) + 0.9 * (tufts - 0.5))));
  sample.translucency = 0.1;
}

/** A wooded or grassy ridge far away. */
export function shadeHill(sample: ShadingSample, surface: Surface): void {
  const { x, y, z, footprint } = sample;
  const a = fadedNoise2(x + y * 0.7, z * 2, 0.05, footprint, surface.seed);
  const b = fadedNoise2(x + y * 0.7, z * 2, 0.3, footprint, surface.seed + 1);
  sample.blend(surface.color2, a > 0.55 ? 0.8 : a * 0.5);
  sample.scale(0.55 + 0.9 * b);
}
