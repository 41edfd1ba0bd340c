import type { Random } from '../../simulator/random.js';
import type { AugmentationOptions } from './augmentation.js';

/** One change of colours: a factor, or for the hue a share of the full circle. */
export interface ColorStep {
  readonly kind: 'brightness' | 'contrast' | 'saturation' | 'hue';
  readonly amount: number;
}

/**
 * Changes of colours as SGDepth's published code makes them, by torchvision's ColorJitter: half of the time none. Else
 * brightness, contrast, saturation and hue one after another in a random order, bytes between them. Source: the authors'
 * public repository ifnspaml/SGDepth (facts), torchvision's documentation of ColorJitter.
 */
export function drawColorJitter(
  { color, hue }: Pick<AugmentationOptions, 'color' | 'hue'>,
  random: Random,
): readonly ColorStep[] {
  if (random.chance(0.5)) return [];
  const factor = () => random.uniform(Math.max(0, 1 - color), 1 + color);
  const steps: ColorStep[] = [
    { kind: 'brightness', amount: factor() },
    { kind: 'contrast', amount: factor() },
    { kind: 'saturation', amount: factor() },
    { kind: 'hue', amount: random.uniform(-hue, hue) },
  ];
  for (let i = steps.length - 1; i > 0; i--) {
    const j = random.integer(0, i);
    const [a, b] = [steps[i], steps[j]] as [ColorStep, ColorStep]; // both within bounds
    [steps[i], steps[j]] = [b, a];
  }
  return steps;
}

/** The picture after these changes. @param rgb [H, W, 3]; stays as it is. */
export function jittered(rgb: Uint8Array, steps: readonly ColorStep[]): Uint8Array {
  const out = Uint8Array.from(rgb);
  for (const { kind, amount } of steps) {
    if (kind === 'hue') turnHue(out, amount);
    else if (kind === 'brightness') blend(out, amount, () => 0);
    else if (kind === 'saturation') blend(out, amount, (at) => luma(out, at));
    else {
      const mean = meanLuma(out);
      blend(out, amount, () => mean);
    }
  }
  return out;
}

/** Away from (factor > 1) or towards (below) a grey value; cut off to bytes as Pillow's blend does. */
function blend(rgb: Uint8Array, factor: number, greyOf: (at: number) => number): void {
  for (let at = 0; at < rgb.length; at += 3) {
    const grey = greyOf(at);
    for (let c = at; c < at + 3; c++) {
      // Single precision, as there: a value that is whole but for rounding is not cut off to the one below.
      const value = Math.fround(grey + Math.fround(Math.fround(factor) * ((rgb[c] ?? 0) - grey)));
      rgb[c] = value <= 0 ? 0 : value >= 255 ? 255 : Math.trunc(value);
    }
  }
}

/** BT.601's luma as Pillow computes its `L`. */
function luma(rgb: Uint8Array, at: number): number {
  return (19595 * (rgb[at] ?? 0) + 38470 * (rgb[at + 1] ?? 0) + 7471 * (rgb[at + 2] ?? 0) + 0x8000) >> 16;
}

function meanLuma(rgb: Uint8Array): number {
  let sum = 0;
  for (let at = 0; at < rgb.length; at += 3) sum += luma(rgb, at);
  return Math.floor(sum / (rgb.length / 3) + 0.5);
}

/** Turns the hue of HSV, which is a byte as the others. */
function turnHue(rgb: Uint8Array, share: number): void {
  const turn = Math.trunc(share * 255) & 255;
  for (let at = 0; at < rgb.length; at += 3) {
    const [r, g, b] = [rgb[at] ?? 0, rgb[at + 1] ?? 0, rgb[at + 2] ?? 0];
    const [most, least] = [Math.max(r, g, b), Math.min(r, g, b)];
    const range = most - least;
    let hue = 0;
    if (range > 0) {
      const [rc, gc, bc] = [r, g, b].map((x) => (most - x) / range);
      const sixths = r === most ? bc - gc : g === most ? 2 + rc - bc : 4 + gc - rc;
      hue = Math.trunc(((sixths / 6 + 1) % 1) * 255);
    }
    const saturation = most === 0 ? 0 : Math.trunc((range / most) * 255);
    const [red, green, blue] = fromHsv((hue + turn) & 255, saturation, most);
    rgb[at] = red;
    rgb[at + 1] = green;
    rgb[at + 2] = blue;
  }
}

/** @param hue, saturation, value bytes. */
function fromHsv(hue: number, saturation: number, value: number): readonly [number, number, number] {
  if (saturation === 0) return [value, value, value];
  const sixths = (hue * 6) / 255;
  const sector = Math.floor(sixths);
  const f = sixths - sector;
  const s = saturation / 255;
  const [p, q, t] = [1 - s, 1 - s * f, 1 - s * (1 - f)].map((x) => Math.round(value * x));
  switch (sector % 6) {
    case 0:
      return [value, t, p];
    case 1:
      return [q, value, p];
    case 2:
      return [p, value, t];
    case 3:
      return [p, q, value];
    case 4:
      return [t, p, value];
    default:
      return [value, p, q];
  }
}
