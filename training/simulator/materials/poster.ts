import type { Surface } from '../mesh/surface.js';
import { hash2, noise2 } from '../noise.js';
import type { ShadingSample } from './sample.js';

/** What a poster shows. */
export const POSTER = { letters: 0, person: 1, car: 2, photo: 3, face: 4 } as const;

/**
 * A printed picture, (u, v) over the sheet from its lower left: a flat person or car is no person or car.
 * params: [what it shows, aspect = width / height, share of the frame around it, light from within]; color = ground,
 * color2 = figure.
 */
export function shadePoster(sample: ShadingSample, surface: Surface): void {
  const [kind, aspect, border, glow] = surface.params;
  const { u, v } = sample;
  const seed = surface.seed;
  const edge = Math.min(u * Math.max(aspect, 1), (1 - u) * Math.max(aspect, 1), v, 1 - v);
  sample.mirror = 0.03;
  if (edge < border) {
    sample.blendGrey(0.03, 1);
    return;
  }
  sample.emission = glow;
  // The ground: a slow change of colour, as of a sky or a studio wall.
  const shade = 0.5 + v * (hash2(1, 1, seed) - 0.2) + 0.5 * noise2(u * 2.5, v * 2.5, seed + 1);
  sample.scale(shade);
  const x = (u - 0.5) * aspect;
  if (kind === POSTER.person || kind === POSTER.face) {
    const zoom = kind === POSTER.face ? 2.6 : 1 + 0.5 * hash2(2, 1, seed);
    const fx = (x - (hash2(3, 1, seed) - 0.5) * 0.25 * aspect) / zoom;
    const fy = (v - (kind === POSTER.face ? 0.55 : 0.06)) / zoom + (kind === POSTER.face ? 0.86 : 0);
    shadeFigure(sample, surface, fx, fy);
  } else if (kind === POSTER.car) shadeCar(sample, surface, x / Math.max(0.6, aspect), v);
  else if (kind === POSTER.photo) {
    for (let k = 0; k < 5; k++) {
      const dx = (x - (hash2(k, 4, seed) - 0.5) * aspect) / (0.05 + 0.3 * hash2(k, 5, seed));
      const dy = (v - hash2(k, 6, seed)) / (0.05 + 0.25 * hash2(k, 7, seed));
      if (dx * dx + dy * dy > 1) continue;
      sample.r = squared(hash2(k, 8, seed));
      sample.g = squared(hash2(k, 9, seed));
      sample.b = squared(hash2(k, 10, seed));
    }
  }
  const rows = kind === POSTER.letters ? 7 : 14;
  const row = Math.floor(v * rows);
  if (hash2(row, 11, seed) > (kind === POSTER.letters ? 0.55 : 0.2)) return;
  const cell = hash2(Math.floor((x + 3) * rows * 1.8), row, seed + 12);
  const within = v * rows - row;
  if (within > 0.25 && within < 0.8 && cell < 0.55) sample.blend(surface.color2, 0.9);
}

const SKIN = [0.5, 0.3, 0.2] as const;

/** A standing figure about 0.85 high at x = 0, its feet at y = 0. */
function shadeFigure(sample: ShadingSample, surface: Surface, x: number, y: number): void {
  const seed = surface.seed;
  const ax = Math.abs(x);
  const head = squared(x / 0.055) + squared((y - 0.78) / 0.075);
  if (head < 1) {
    sample.blend(SKIN, 1);
    if (y > 0.8) sample.blendGrey(0.03 + 0.2 * hash2(1, 21, seed), 1);
    else if (y > 0.755 && y < 0.775 && ax > 0.012 && ax < 0.034) sample.blendGrey(0.02, 1);
    return;
  }
  if (y > 0.42 && y < 0.71 && ax < 0.12 - 0.35 * Math.max(0, y - 0.64)) {
    if (ax > 0.085 && y < 0.6) sample.blend(SKIN, 0.9);
    else sample.blend(surface.color2, 1);
  } else if (y > 0 && y <= 0.42 && ax > 0.008 && ax < 0.085 - 0.07 * (0.42 - y)) {
    sample.blendGrey(0.02 + 0.3 * squared(hash2(2, 21, seed)), 1);
  }
}

/** A car from the side over the middle of the sheet. */
function shadeCar(sample: ShadingSample, surface: Surface, x: number, y: number): void {
  const ax = Math.abs(x);
  for (const wheel of [-0.25, 0.26]) {
    const d = squared(x - wheel) + squared(y - 0.32);
    if (d < 0.0036) sample.blendGrey(d < 0.0014 ? 0.4 : 0.015, 1);
    if (d < 0.0045) return;
  }
  if (y > 0.33 && y < 0.5 && ax < 0.42) sample.blend(surface.color2, 1);
  else if (y >= 0.5 && y < 0.62 && ax < 0.27 - 0.8 * (y - 0.5)) {
    if (ax < 0.24 - 0.8 * (y - 0.5) && y < 0.605) sample.blendGrey(0.05, 1);
    else sample.blend(surface.color2, 1);
  }
}

function squared(value: number): number {
  return value * value;
}
