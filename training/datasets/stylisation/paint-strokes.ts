import { cos, sin } from '../../simulator/exact-math.js';
import { noise2 } from '../../simulator/noise.js';
import type { Random } from '../../simulator/random.js';
import { boxMean, brightness, type StylePicture, unit } from './style-picture.js';

/** The picture is painted anew with strokes, coarse ones first, that follow its edges more or less. */
export function paintStrokes(picture: StylePicture, random: Random): void {
  const { rgb, width, height } = picture;
  const count = width * height;
  const source = rgb.slice();
  const tones = boxMean(brightness(picture), width, height, 2);
  const seed = random.uint32() | 0;
  const base = random.uniform(0, 2 * Math.PI);
  const follows = random.chance(0.7);
  const spread = random.uniform(0, 0.12);
  for (const size of [random.uniform(0.04, 0.08), random.uniform(0.015, 0.03)]) {
    const thickness = Math.max(1.5, size * height);
    const length = thickness * random.uniform(2, 5);
    const strokes = Math.ceil((3 * count) / (thickness * length));
    for (let stroke = 0; stroke < strokes; stroke++) {
      const x = random.integer(0, width - 1);
      const y = random.integer(0, height - 1);
      const gx = tones[y * width + Math.min(width - 1, x + 1)] - tones[y * width + Math.max(0, x - 1)];
      const gy = tones[Math.min(height - 1, y + 1) * width + x] - tones[Math.max(0, y - 1) * width + x];
      const steep = Math.hypot(gx, gy);
      const turned = base + 2.5 * (noise2((3 * x) / width, (3 * y) / width, seed) - 0.5);
      // Along an edge where there is one.
      const [dx, dy] = follows && steep > 0.02 ? [-gy / steep, gx / steep] : [cos(turned), sin(turned)];
      const change = spread * random.uniform(-1, 1);
      const at = y * width + x;
      const color = [0, 1, 2].map((c) => unit(source[c * count + at] + change));
      drawStroke(picture, { x, y, dx, dy, length, thickness }, color);
    }
  }
}

interface Stroke {
  readonly x: number;
  readonly y: number;
  /** Direction, of length one. */
  readonly dx: number;
  readonly dy: number;
  readonly length: number;
  readonly thickness: number;
}

/** Fills a rectangle with round ends. */
function drawStroke(
  { rgb, width, height }: StylePicture,
  { x, y, dx, dy, length, thickness }: Stroke,
  color: readonly number[],
): void {
  const count = width * height;
  const reach = Math.ceil((length + thickness) / 2);
  for (let row = Math.max(0, y - reach); row <= Math.min(height - 1, y + reach); row++) {
    for (let column = Math.max(0, x - reach); column <= Math.min(width - 1, x + reach); column++) {
      const [px, py] = [column - x, row - y];
      const along = Math.max(0, Math.abs(px * dx + py * dy) - length / 2);
      const across = px * dy - py * dx;
      if (along * along + across * across > (thickness * thickness) / 4) continue;
      for (let c = 0; c < 3; c++) rgb[c * count + row * width + column] = color[c] ?? 0;
    }
  }
}
