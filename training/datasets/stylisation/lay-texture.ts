import { cos, sin } from '../../simulator/exact-math.js';
import { hash2, noise2 } from '../../simulator/noise.js';
import type { Random } from '../../simulator/random.js';
import { type StylePicture, unit } from './style-picture.js';

const KINDS = ['canvas', 'paper', 'tiles', 'marble'] as const;

/** A ground shows through: woven canvas, rough paper, tiles of a mosaic, marble; light and dark, and slightly coloured. */
export function layTexture({ rgb, width, height }: StylePicture, random: Random): void {
  const count = width * height;
  const kind = random.pick(KINDS);
  const size = Math.max(2, height * random.uniform(0.02, 0.12));
  const strength = random.uniform(0.25, 0.7);
  const seed = random.uint32() | 0;
  const angle = random.uniform(0, Math.PI);
  const [c, s] = [cos(angle), sin(angle)];
  const tint = [random.uniform(0.8, 1.2), random.uniform(0.8, 1.2), random.uniform(0.8, 1.2)];
  for (let i = 0; i < count; i++) {
    const px = i % width;
    const py = (i - px) / width;
    const [x, y] = [(px * c + py * s) / size, (py * c - px * s) / size];
    const tone = toneOf(kind, x, y, seed);
    for (let channel = 0; channel < 3; channel++) {
      const at = channel * count + i;
      rgb[at] = unit(rgb[at] * (1 + strength * (2 * tone - 1) * (tint[channel] ?? 1)));
    }
  }
}

/** 0..1. @param x in features of the texture. */
function toneOf(kind: (typeof KINDS)[number], x: number, y: number, seed: number): number {
  switch (kind) {
    case 'canvas': {
      const [a, b] = [sin(Math.PI * x * 2), sin(Math.PI * y * 2)];
      return (
        0.5 +
        0.25 *
          (Math.floor(x) + Math.floor(y) - 2 * Math.floor((Math.floor(x) + Math.floor(y)) / 2) === 0
            ? a
            : b) +
        0.25 * (noise2(4 * x, 4 * y, seed) - 0.5)
      );
    }
    case 'paper':
      return (
        0.5 * noise2(x, y, seed) + 0.3 * noise2(3 * x, 3 * y, seed + 1) + 0.2 * noise2(8 * x, 8 * y, seed + 2)
      );
    case 'tiles': {
      const [fx, fy] = [x - Math.floor(x), y - Math.floor(y)];
      const joint = Math.min(fx, 1 - fx, fy, 1 - fy) < 0.1;
      return joint ? 0.05 : 0.35 + 0.5 * hash2(Math.floor(x), Math.floor(y), seed);
    }
    case 'marble':
      return 0.5 + 0.5 * sin(2 * x + 6 * noise2(0.7 * x, 0.7 * y, seed) + 3 * noise2(2 * x, 2 * y, seed + 1));
  }
}
