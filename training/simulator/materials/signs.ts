import type { Surface } from '../mesh/surface.js';
import { fadedNoise3, hash2, latticePoint } from '../noise.js';
import { coverage, type ShadingSample } from './sample.js';

/**
 * A sign's face, (u, v) over the plate. params: [style 0 plain with border, 1 lettering, 2 ring, 3 diagonal bars],
 * color = ground, color2 = border and marks.
 */
export function shadeSign(sample: ShadingSample, surface: Surface): void {
  const style = surface.params[0];
  const u = sample.u;
  const v = sample.v;
  const cx = u - 0.5;
  const cy = v - 0.5;
  const r = Math.sqrt(cx * cx + cy * cy);
  if (style === 2) {
    if (r > 0.36) sample.blend(surface.color2, 1);
    else if (hash2(Math.floor(u * 7), Math.floor(v * 7), surface.seed) < 0.35 && r < 0.25)
      sample.blendGrey(0.02, 1);
  } else if (style === 1) {
    const border = Math.min(u, 1 - u, v, 1 - v);
    if (border < 0.04) sample.blend(surface.color2, 1);
    else {
      const row = Math.floor(v * 5);
      if ((row & 1) === 1 && hash2(Math.floor(u * 26), Math.floor(v * 15), surface.seed + row) < 0.5)
        sample.blend(surface.color2, 0.9);
    }
  } else if (style === 3) {
    const f = (u * 3 + v) * 1.5;
    if (f - Math.floor(f) < 0.5) sample.blend(surface.color2, 1);
  } else if (Math.min(u, 1 - u, v, 1 - v) < 0.1) sample.blend(surface.color2, 1);
  sample.mirror = 0.02;
}

/** Clothes and skin. params: [contrast, stripes a metre or 0]. */
export function shadeCloth(sample: ShadingSample, surface: Surface): void {
  const [contrast, stripe] = surface.params;
  const { lx, ly, lz, footprint } = sample;
  const folds = fadedNoise3(latticePoint(lx * 2, ly * 2, lz), 5, footprint * 2, surface.seed);
  if (stripe > 0 && footprint * stripe < 0.7) {
    const f = lz * stripe;
    if (f - Math.floor(f) < 0.5) sample.blend(surface.color2, 0.9);
  }
  sample.scale(1 + contrast * (folds - 0.5));
}

/** Round lamps of a traffic light on a dark box, (u, v) over its front. params: [which lamp burns 0 red, 1 yellow, 2 green]. */
export function shadeLamp(sample: ShadingSample, surface: Surface): void {
  const lit = surface.params[0];
  const u = sample.u - 0.5;
  const row = Math.min(2, Math.max(0, Math.floor((1 - sample.v) * 3)));
  const v = (1 - sample.v) * 3 - row - 0.5;
  const inside = coverage(Math.sqrt(u * u + v * v), -1, 0.38, 0.1);
  if (inside <= 0 || surface.params[1] === 0) return;
  const on = row === lit ? 1 : 0.08;
  sample.blend(row === 0 ? [0.8, 0.03, 0.02] : row === 1 ? [0.8, 0.4, 0.02] : [0.05, 0.7, 0.25], inside * on);
  sample.emission = on === 1 ? inside * 0.9 : 0;
}
