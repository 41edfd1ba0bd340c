import type { Domain } from './domains.js';
import { exp, pow } from './exact-math.js';
import type { Random } from './random.js';

/** What a camera does to light, drawn once a drive. */
export interface CameraLook {
  /** Exposure factor relative to the picture's own mean. */
  readonly exposure: number;
  readonly gains: readonly [number, number, number];
  readonly contrast: number;
  readonly saturation: number;
  readonly vignette: number;
  /** Standard deviation in pixels of a 512 wide picture. */
  readonly blur: number;
  readonly sharpen: number;
  readonly noise: number;
  readonly chromatic: number;
  readonly blocks: number;
  /** Lift of the blacks, 0..1 of the full scale: flare in the lens. */
  readonly flare: number;
}

/** Draws the look of one camera's pictures from a domain's distributions. */
export function drawLook(random: Random, domain: Domain): CameraLook {
  const e = domain.effects;
  const warm = random.normal(0, e.whiteBalance);
  const tint = random.normal(0, e.whiteBalance * 0.5);
  const stops = random.uniform(...e.exposureStops) * random.uniform();
  // Hard midday light on a small sensor: black shadows, white sky.
  const harsh = random.chance(e.harshChance);
  return {
    exposure: pow(2, harsh ? random.uniform(-1.3, 0) : stops),
    gains: [1 + warm, 1 - tint * 0.7, 1 - warm],
    contrast: harsh ? random.uniform(1.35, 2.1) : random.uniform(...e.contrast),
    saturation: random.uniform(...e.saturation),
    vignette: random.uniform(...e.vignette),
    blur: random.uniform(...e.blur),
    sharpen: random.uniform(...e.sharpen) * random.uniform(),
    noise: random.uniform(...e.noise) * random.uniform(),
    chromatic: random.uniform(...e.chromatic),
    blocks: random.chance(e.blockChance) ? random.uniform(0.2, 1) : 0,
    flare: random.chance(0.3) ? random.uniform(0, 0.05) : 0,
  };
}

const LEVELS = 4096;

/** sRGB-like transfer with contrast about the middle grey, tabulated over linear light 0..1. */
function toneTable(look: CameraLook): Float32Array {
  const table = new Float32Array(LEVELS + 1);
  for (let i = 0; i <= LEVELS; i++) {
    const encoded = pow((i / LEVELS + look.flare) / (1 + look.flare), 1 / 2.2);
    // A contrast of k turns about 0.45 with soft shoulders.
    const x = encoded;
    const k = look.contrast;
    const pivot = 0.42;
    const y = x < pivot ? pivot * pow(x / pivot, k) : 1 - (1 - pivot) * pow((1 - x) / (1 - pivot), k);
    table[i] = 255 * y;
  }
  return table;
}

/**
 * Turns linear light [H, W, 3] into sRGB bytes [H, W, 3]. It does so by exposure by the picture's mean, vignette, white
 * balance, tone curve, saturation, lens blur, sharpening, noise. `light` is used up as work space. Values are rounded to
 * bytes after arithmetic that is exact to the last bit on every machine.
 */
export function develop(
  light: Float32Array,
  width: number,
  height: number,
  look: CameraLook,
  random: Random,
): Uint8Array {
  const scale = exposureScale(light, width, height) * look.exposure;
  const table = toneTable(look);
  const cx = width / 2;
  const cy = height / 2;
  const reach = 1 / (cx * cx + cy * cy);
  // Contrast on each channel also saturates; take part of that back.
  const s = look.saturation / Math.sqrt(look.contrast);
  for (let row = 0, i = 0; row < height; row++) {
    const dy = (row - cy) * (row - cy);
    for (let column = 0; column < width; column++, i += 3) {
      const fall = scale * (1 - look.vignette * ((column - cx) * (column - cx) + dy) * reach);
      const r = encode(table, light[i] * fall * look.gains[0]);
      const g = encode(table, light[i + 1] * fall * look.gains[1]);
      const b = encode(table, light[i + 2] * fall * look.gains[2]);
      const grey = 0.3 * r + 0.59 * g + 0.11 * b;
      light[i] = grey + (r - grey) * s;
      light[i + 1] = grey + (g - grey) * s;
      light[i + 2] = grey + (b - grey) * s;
    }
  }
  const sigma = (look.blur * width) / 512;
  if (sigma > 0.15) blur(light, width, height, sigma);
  if (look.sharpen > 0.05) sharpen(light, width, height, look.sharpen);
  if (look.chromatic > 0) shiftChannels(light, width, height, look.chromatic);
  if (look.blocks > 0) flattenBlocks(light, width, height, look.blocks);
  const out = new Uint8Array(width * height * 3);
  const sigmaNoise = look.noise * 255;
  for (let i = 0; i < out.length; i += 3) {
    // Luminance noise shared by the channels and a little of each channel's own; sums of four bytes are near Gaussian.
    const a = random.uint32();
    const b = random.uint32();
    const common =
      ((a & 255) + ((a >>> 8) & 255) + ((a >>> 16) & 255) + (a >>> 24) - 510) * (sigmaNoise / 147);
    const r = (b & 255) - 127.5;
    const g = ((b >>> 8) & 255) - 127.5;
    const bl = ((b >>> 16) & 255) - 127.5;
    const own = sigmaNoise / 130;
    out[i] = clampByte(light[i] + common + r * own);
    out[i + 1] = clampByte(light[i + 1] + common + g * own);
    out[i + 2] = clampByte(light[i + 2] + common + bl * own);
  }
  return out;
}

function clampByte(value: number): number {
  return value <= 0 ? 0 : value >= 255 ? 255 : (value + 0.5) | 0;
}

function encode(table: Float32Array, value: number): number {
  const x = value * LEVELS;
  if (x >= LEVELS) return 255;
  const i = x | 0;
  return table[i] + (table[i + 1] - table[i]) * (x - i);
}

/** Brings the mean of the lower two thirds (light limited, as a meter does) to a middle grey. */
function exposureScale(light: Float32Array, width: number, height: number): number {
  let sum = 0;
  let count = 0;
  for (let row = Math.floor(height * 0.3); row < height; row += 2) {
    for (let column = 0; column < width; column += 3) {
      const i = (row * width + column) * 3;
      const y = 0.3 * light[i] + 0.59 * light[i + 1] + 0.11 * light[i + 2];
      sum += y / (1 + y * 0.8);
      count++;
    }
  }
  return 0.15 / Math.max(0.004, sum / Math.max(1, count));
}

/** Gaussian blur, separable, in place. */
function blur(data: Float32Array, width: number, height: number, sigma: number): void {
  const radius = Math.max(1, Math.ceil(sigma * 2));
  const kernel: number[] = [];
  let total = 0;
  for (let k = -radius; k <= radius; k++) {
    kernel.push(exp((-0.5 * k * k) / (sigma * sigma)));
    total += kernel[kernel.length - 1];
  }
  const line = new Float32Array(Math.max(width, height) * 3);
  for (let row = 0; row < height; row++)
    blurLine(data, { start: row * width * 3, stride: 3, count: width, kernel, total, radius, line });
  for (let column = 0; column < width; column++)
    blurLine(data, { start: column * 3, stride: width * 3, count: height, kernel, total, radius, line });
}

function blurLine(
  data: Float32Array,
  {
    start,
    stride,
    count,
    kernel,
    total,
    radius,
    line,
  }: {
    readonly start: number;
    readonly stride: number;
    readonly count: number;
    readonly kernel: readonly number[];
    readonly total: number;
    readonly radius: number;
    readonly line: Float32Array;
  },
): void {
  for (let i = 0; i < count; i++) {
    let r = 0;
    let g = 0;
    let b = 0;
    for (let k = -radius; k <= radius; k++) {
      let j = i + k;
      j = j < 0 ? 0 : j >= count ? count - 1 : j;
      const w = kernel[k + radius];
      const o = start + j * stride;
      r += w * data[o];
      g += w * data[o + 1];
      b += w * data[o + 2];
    }
    line[i * 3] = r / total;
    line[i * 3 + 1] = g / total;
    line[i * 3 + 2] = b / total;
  }
  for (let i = 0; i < count; i++) {
    const o = start + i * stride;
    data[o] = line[i * 3];
    data[o + 1] = line[i * 3 + 1];
    data[o + 2] = line[i * 3 + 2];
  }
}

/** Unsharp mask with the four neighbours. */
function sharpen(data: Float32Array, width: number, height: number, amount: number): void {
  const source = data.slice();
  const stride = width * 3;
  for (let row = 1; row < height - 1; row++) {
    for (let i = row * stride + 3; i < row * stride + stride - 3; i++) {
      const mean = (source[i - 3] + source[i + 3] + source[i - stride] + source[i + stride]) * 0.25;
      data[i] = source[i] + (source[i] - mean) * amount;
    }
  }
}

/** Red and blue are imaged a little larger and smaller than green. */
function shiftChannels(data: Float32Array, width: number, height: number, amount: number): void {
  const line = new Float32Array(width);
  for (const [channel, sign] of [
    [0, 1],
    [2, -1],
  ] as const) {
    for (let row = 0; row < height; row++) {
      const o = row * width * 3 + channel;
      for (let x = 0; x < width; x++) line[x] = data[o + x * 3];
      for (let x = 0; x < width; x++) {
        const at = Math.min(width - 1.001, Math.max(0, x + sign * amount * 2 * (x - width / 2)));
        const i = at | 0;
        data[o + x * 3] = line[i] + (line[i + 1] - line[i]) * (at - i);
      }
    }
  }
}

/** What strong compression does: blocks of 8 x 8 lose part of their fine colour and contrast. */
function flattenBlocks(data: Float32Array, width: number, height: number, strength: number): void {
  for (let y0 = 0; y0 < height; y0 += 8) {
    for (let x0 = 0; x0 < width; x0 += 8) {
      const y1 = Math.min(height, y0 + 8);
      const x1 = Math.min(width, x0 + 8);
      const n = (y1 - y0) * (x1 - x0);
      for (let channel = 0; channel < 3; channel++) {
        let sum = 0;
        let square = 0;
        for (let y = y0; y < y1; y++)
          for (let x = x0; x < x1; x++) {
            const v = data[(y * width + x) * 3 + channel];
            sum += v;
            square += v * v;
          }
        const mean = sum / n;
        const deviation = Math.sqrt(Math.max(0, square / n - mean * mean));
        // Weak texture is quantised away, strong edges stay.
        const keep = 1 - strength * Math.max(0, 1 - deviation / 12) * 0.8;
        for (let y = y0; y < y1; y++)
          for (let x = x0; x < x1; x++) {
            const i = (y * width + x) * 3 + channel;
            data[i] = mean + (data[i] - mean) * keep;
          }
      }
    }
  }
}
