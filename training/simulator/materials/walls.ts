import type { Surface } from '../mesh/surface.js';
import { fadedNoise2, fadedNoise3, hash2, latticePoint } from '../noise.js';
import { coverage, type ShadingSample } from './sample.js';

/**
 * A plastered, brick or panelled house wall with windows and doors, in object coordinates (z = 0 at the ground).
 * params: [storey height, window spacing, window width, window height, sill height, ground floor style (0 windows,
 * 1 shop, 2 doors and windows, 3 blank), frame brightness, wall style (0 plaster, 1 brick, 2 panels, 3 curtain wall),
 * wall height, plinth height, shutters 0/1, window darkness].
 */
export function shadeFacade(sample: ShadingSample, surface: Surface): void {
  const p = surface.params;
  const seed = surface.seed;
  const { footprint, lz } = sample;
  const alongX = Math.abs(sample.lny) > Math.abs(sample.lnx);
  const along = alongX ? sample.lx : sample.ly;
  const side = (alongX ? (sample.lny > 0 ? 1 : 2) : sample.lnx > 0 ? 3 : 4) * 7919;
  const wide = Math.max(footprint, sample.stretch * 0.7);
  shadeWallBase(sample, surface, along, wide);
  const plinth = p[9];
  if (plinth > 0) sample.blend(surface.color2, 0.7 * coverage(lz, -5, plinth, footprint));
  const storey = p[0];
  const spacing = p[1];
  const floor = Math.floor(lz / storey);
  if (lz > p[8] || floor < 0) return;
  const column = Math.floor(along / spacing);
  const fu = along - (column + 0.5) * spacing;
  const fv = lz - floor * storey;
  let halfWidth = p[2] * 0.5;
  let low = p[4];
  let high = p[4] + p[3];
  let door = false;
  const pick = hash2(column, floor, seed + side);
  if (floor === 0) {
    const style = p[5];
    if (style === 3) return;
    if (style === 1) {
      halfWidth = spacing * 0.44;
      low = 0.35;
      high = storey * 0.82;
    } else if (style === 2 && pick < 0.25) {
      door = true;
      halfWidth = 0.55;
      low = 0;
      high = 2.2;
    }
  } else if (pick < 0.06 && p[7] !== 3) return;
  if (high > p[8] - floor * storey) return;
  // Where windows are smaller than pixels the wall takes their mean tone.
  if (wide > spacing * 0.9) {
    sample.scale(0.65);
    return;
  }
  const frame = 0.07;
  const outer =
    coverage(fu, -halfWidth - frame, halfWidth + frame, wide) *
    coverage(fv, low - frame, high + frame, footprint);
  if (p[10] > 0 && floor > 0) {
    const shutter =
      coverage(Math.abs(fu), halfWidth + frame, halfWidth + frame + p[2] * 0.45, wide) *
      coverage(fv, low, high, footprint);
    if (shutter > 0) sample.blend(surface.color2, shutter * 0.9);
  }
  if (outer <= 0) return;
  const brightness = p[6];
  sample.blendGrey(door ? brightness * 0.5 : brightness, outer);
  const inner = coverage(fu, -halfWidth, halfWidth, wide) * coverage(fv, low, high, footprint);
  if (inner <= 0) return;
  if (door) {
    const c = hash2(column, 77, seed + side);
    sample.r += (0.02 + 0.3 * c - sample.r) * inner;
    sample.g += (0.02 + 0.2 * (1 - c) - sample.g) * inner;
    sample.b += (0.02 + 0.2 * hash2(column, 78, seed) - sample.b) * inner;
    return;
  }
  const mullion = p[2] > 0.9 ? coverage(fu, -0.035, 0.035, wide) : 0;
  const curtain = hash2(column, floor, seed + side + 5);
  let glass = p[11] * (0.5 + pick);
  if (curtain > 0.55) glass += (curtain - 0.5) * 0.35;
  // The upper part of the reveal lies in shadow.
  glass *= 1 - 0.4 * coverage(fv, high - 0.25, high, footprint);
  sample.blendGrey(glass, inner * (1 - mullion));
  sample.mirror = 0.12 * inner * (1 - mullion);
}

function shadeWallBase(sample: ShadingSample, surface: Surface, along: number, wide: number): void {
  const seed = surface.seed;
  const { lz } = sample;
  const style = surface.params[7];
  let tone =
    1 +
    0.3 * (fadedNoise2(along, lz, 0.25, wide, seed) - 0.5) +
    0.16 * (fadedNoise2(along, lz, 3, wide, seed + 1) - 0.5);
  // Streaks of rain and dirt run down.
  tone *= 1 - 0.25 * Math.max(0, fadedNoise2(along * 4, lz * 0.3, 1, wide * 4, seed + 2) - 0.6);
  if (style === 1) sample.scale(brick(sample, along, wide, BRICK, seed));
  else if (style === 2 || style === 3) {
    const panel = style === 2 ? 2.4 : 1.3;
    const f = along / panel;
    const joint = Math.abs(f - Math.round(f)) * panel < 0.03 + wide * 0.5 ? 1 : 0;
    tone *= 1 - joint * Math.min(1, 0.04 / (wide + 0.02)) * 0.5;
  }
  sample.scale(tone);
}

/** Length and height, metres. */
const BRICK = [0.25, 0.08] as const;

/** Tone of bricks or stones (length, height) with mortar joints, `u` along the wall; fades with the pixel's size. */
function brick(
  { lz: v, footprint }: ShadingSample,
  u: number,
  wide: number,
  stone: readonly number[],
  seed: number,
): number {
  const length = stone[0];
  const height = stone[1];
  const fade = 1 - (1.2 * footprint) / height;
  if (fade <= 0) return 0.95;
  const row = Math.floor(v / height);
  const shifted = u + (row & 1) * length * 0.5;
  const column = Math.floor(shifted / length);
  const fu = shifted - column * length;
  const fv = v - row * height;
  let tone = 1 + 0.5 * fade * (hash2(column, row, seed + 11) - 0.5);
  if (fv < 0.012 || fu < Math.max(0.012, wide * 0.3)) tone += 0.3 * fade;
  return tone;
}

/** Garden and retaining walls. params: [stone length, stone height, style 0 plaster / 1 stones / 2 concrete]. */
export function shadeMasonry(sample: ShadingSample, surface: Surface): void {
  const along = Math.abs(sample.lny) > Math.abs(sample.lnx) ? sample.lx : sample.ly;
  const { footprint, lz } = sample;
  const wide = Math.max(footprint, sample.stretch * 0.7);
  const seed = surface.seed;
  const style = surface.params[2];
  if (style === 1) sample.scale(brick(sample, along, wide, surface.params, seed));
  sample.scale(
    1 +
      0.5 * (fadedNoise2(along, lz, 0.7, wide, seed) - 0.5) +
      0.4 * (fadedNoise2(along, lz, 4, wide, seed + 1) - 0.5) +
      0.3 * (fadedNoise2(along, lz, 22, wide, seed + 2) - 0.5),
  );
  if (style === 2) {
    const f = along / 3;
    if (Math.abs(f - Math.round(f)) * 3 < 0.03) sample.scale(0.6);
  }
}

/** Roof tiles in rows. params: [row height (m)]. */
export function shadeRoof(sample: ShadingSample, surface: Surface): void {
  const { lz, footprint } = sample;
  const along = Math.abs(sample.lny) > Math.abs(sample.lnx) ? sample.lx : sample.ly;
  const row = (surface.params[0] ?? 0.25) || 0.25;
  const fade = 1 - (1.6 * footprint) / row;
  let tone = 1 + 0.4 * (fadedNoise2(along, lz, 0.5, footprint, surface.seed) - 0.5);
  if (fade > 0) {
    const r = lz / row;
    const k = Math.floor(r);
    tone *= 1 - fade * 0.35 * (1 - (r - k));
    tone *= 1 + fade * 0.35 * (hash2(Math.floor(along / 0.22), k, surface.seed) - 0.5);
  }
  sample.scale(tone);
}

/** Vertical or horizontal boards. params: [board width (m), 1 = horizontal]. */
export function shadePlanks(sample: ShadingSample, surface: Surface): void {
  const { footprint, lz } = sample;
  const along = Math.abs(sample.lny) > Math.abs(sample.lnx) ? sample.lx : sample.ly;
  const [width, horizontal] = surface.params;
  const across = horizontal > 0 ? lz : along;
  const other = horizontal > 0 ? along : lz;
  const wide = Math.max(footprint, sample.stretch * 0.7);
  const fade = Math.max(0, 1 - (1.3 * wide) / width);
  const k = Math.floor(across / width);
  const f = across / width - k;
  let tone = 1 + fade * 0.4 * (hash2(k, 3, surface.seed) - 0.5);
  if (f < 0.1) tone *= 1 - 0.6 * fade;
  tone *= 1 + 0.4 * (fadedNoise2(across * 6, other * 0.6, 2, wide * 6, surface.seed + 1) - 0.5);
  tone *= 1 + 0.3 * (fadedNoise2(along, lz, 0.8, wide, surface.seed + 2) - 0.5);
  sample.scale(tone);
}

/** Concrete, plaster, rubber, unknown things: noise of several sizes. params: [contrast]. */
export function shadePlain(sample: ShadingSample, surface: Surface): void {
  const contrast = surface.params[0] ?? 0.3;
  const { lx, ly, lz, footprint } = sample;
  const point = latticePoint(lx, ly, lz);
  const a = fadedNoise3(point, 0.9, footprint, surface.seed);
  const b = fadedNoise3(point, 7, footprint, surface.seed + 1);
  sample.scale(1 + contrast * (a - 0.5) * 1.2 + contrast * (b - 0.5));
}
