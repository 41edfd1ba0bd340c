import type { Color } from '../mesh/surface.js';
import type { Random } from '../random.js';

/** Colours of things as linear reflectance. `wild` in 0..1 is the chance that a colour ignores what the thing is. */
export interface Palette {
  readonly wild: number;
}

/** sRGB bytes to linear reflectance (gamma 2.2 approximated by 2). */
export function srgb(r: number, g: number, b: number): Color {
  const linear = (byte: number): number => (byte / 255) * (byte / 255);
  return [linear(r), linear(g), linear(b)];
}

/** Hue 0..6, saturation and value 0..1, to linear. */
export function hsv(hue: number, saturation: number, value: number): Color {
  const channel = (offset: number): number => {
    const k = (((offset + hue) % 6) + 6) % 6;
    const v = value - value * saturation * Math.max(0, Math.min(k, 4 - k, 1));
    return v * v;
  };
  return [channel(5), channel(3), channel(1)];
}

/** Any colour at all. */
export function anyColor(random: Random): Color {
  const saturation = random.uniform();
  return hsv(random.uniform(0, 6), saturation * Math.sqrt(saturation), random.uniform(0.08, 1));
}

/** `base` with varied brightness and tint; or any colour where the palette is wild. */
export function varied(random: Random, palette: Palette, base: Color, brightness = 0.35, tint = 0.12): Color {
  if (random.chance(palette.wild)) return anyColor(random);
  const k = 1 + random.uniform(-brightness, brightness);
  const channel = (value: number): number =>
    Math.min(0.95, Math.max(0.004, value * k * (1 + random.uniform(-tint, tint))));
  return [channel(base[0]), channel(base[1]), channel(base[2])];
}

const CAR_COLORS: readonly Color[] = [
  srgb(28, 29, 32),
  srgb(20, 20, 22),
  srgb(40, 44, 52),
  srgb(170, 173, 176),
  srgb(190, 193, 196),
  srgb(120, 124, 130),
  srgb(90, 94, 100),
  srgb(235, 236, 236),
  srgb(225, 225, 220),
  srgb(30, 42, 90),
  srgb(45, 60, 110),
  srgb(60, 85, 140),
  srgb(140, 20, 25),
  srgb(110, 15, 25),
  srgb(185, 35, 30),
  srgb(25, 60, 45),
  srgb(120, 105, 85),
  srgb(200, 180, 60),
  srgb(90, 120, 110),
];

/** Draws the colour of a car: mostly one of the palette's, at times any. */
export function carColor(random: Random, palette: Palette): Color {
  if (random.chance(0.08))
    return hsv(random.uniform(0, 6), random.uniform(0.4, 0.95), random.uniform(0.3, 0.95));
  return varied(random, palette, random.pick(CAR_COLORS), 0.25, 0.08);
}
