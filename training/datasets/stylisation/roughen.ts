import type { Random } from '../../simulator/random.js';
import { boxMean, type StylePicture, unit } from './style-picture.js';

/** Grain that is coarse or fine, coloured or grey, pixels that are lost, or pixels that change places with near ones. */
export function roughen({ rgb, width, height }: StylePicture, random: Random): void {
  const count = width * height;
  const amount = random.uniform(0.1, 0.4);
  const radius = random.integer(0, 2);
  const isGrey = random.chance(0.4);
  const reach = random.chance(0.5) ? Math.max(1, Math.round(height * random.uniform(0.01, 0.04))) : 0;
  if (reach > 0) {
    const source = rgb.slice();
    for (let i = 0; i < count; i++) {
      const x = i % width;
      const y = (i - x) / width;
      const fromX = Math.min(width - 1, Math.max(0, x + random.integer(-reach, reach)));
      const fromY = Math.min(height - 1, Math.max(0, y + random.integer(-reach, reach)));
      for (let c = 0; c < 3; c++) rgb[c * count + i] = source[c * count + fromY * width + fromX];
    }
  }
  const grain = () => {
    const plane = Float32Array.from({ length: count }, () => random.uniform(-1, 1));
    // A mean of n independent values varies less by sqrt(n).
    return boxMean(plane, width, height, radius).map((value) => value * (2 * radius + 1));
  };
  const shared = isGrey ? grain() : undefined;
  for (let c = 0; c < 3; c++) {
    const own = shared ?? grain();
    for (let i = 0; i < count; i++) rgb[c * count + i] = unit(rgb[c * count + i] + amount * own[i]);
  }
  const lost = random.chance(0.3) ? random.uniform(0.01, 0.08) : 0;
  if (lost === 0) return;
  for (let i = 0; i < count; i++) {
    if (!random.chance(lost)) continue;
    const value = random.chance(0.5) ? 1 : 0;
    for (let c = 0; c < 3; c++) rgb[c * count + i] = value;
  }
}
