import type { Surface } from '../mesh/surface.js';

/**
 * One point to be coloured, filled in place. It holds inputs (world and object position in metres, normal, u and v,
 * footprint) and outputs (linear reflectance, mirror share, emission). One object serves a whole picture.
 */
export class ShadingSample {
  /** World position, metres. */
  x = 0;
  y = 0;
  z = 0;
  /** Position and normal in the axes of the surface's frame. */
  lx = 0;
  ly = 0;
  lz = 0;
  lnx = 0;
  lny = 0;
  lnz = 0;
  u = 0;
  v = 0;
  /** Width of the pixel on a surface that faces the camera, metres. */
  footprint = 0;
  /** Width of the pixel along the direction in which the surface recedes, metres. */
  stretch = 0;
  /** Linear reflectance. */
  r = 0;
  g = 0;
  b = 0;
  /** Share of mirror reflection at normal incidence, 0..1; grows at grazing angles (Schlick). */
  mirror = 0;
  /** Emitted light, in units of white under open sky. */
  emission = 0;
  /** Share of light let through from behind (leaves). */
  translucency = 0;
  /** Factor on direct sun. */
  sparkle = 1;

  reset(surface: Surface): void {
    this.r = surface.color[0];
    this.g = surface.color[1];
    this.b = surface.color[2];
    this.mirror = 0;
    this.emission = 0;
    this.translucency = 0;
    this.sparkle = 1;
  }

  scale(factor: number): void {
    this.r *= factor;
    this.g *= factor;
    this.b *= factor;
  }

  /** Mixes `share` of a colour in. */
  blend(color: readonly number[], share: number): void {
    this.r += (color[0] - this.r) * share;
    this.g += (color[1] - this.g) * share;
    this.b += (color[2] - this.b) * share;
  }

  blendGrey(value: number, share: number): void {
    this.r += (value - this.r) * share;
    this.g += (value - this.g) * share;
    this.b += (value - this.b) * share;
  }
}

/** How much of an interval of width `footprint` around `x` lies within [low, high], 0..1. */
export function coverage(x: number, low: number, high: number, footprint: number): number {
  const half = footprint * 0.5 + 1e-4;
  const a = Math.max(low, x - half);
  const b = Math.min(high, x + half);
  return b <= a ? 0 : (b - a) / (2 * half);
}

/** Coverage of a periodic stripe pattern: stripes [0, on) of every `period`; smooth at large footprints. */
export function stripes(x: number, period: number, on: number, footprint: number): number {
  if (footprint > period) return on / period;
  const p = x - Math.floor(x / period) * period;
  return (
    coverage(p, 0, on, footprint) +
    coverage(p - period, 0, on, footprint) +
    coverage(p + period, 0, on, footprint)
  );
}
