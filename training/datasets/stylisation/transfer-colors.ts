import type { Random } from '../../simulator/random.js';
import { type StylePicture, unit } from './style-picture.js';

/** Orthonormal axes: brightness, yellow-blue, red-green. Source: Reinhard et al. 2001, eq. 6, without the logarithm. */
const AXES = [
  [1 / Math.sqrt(3), 1 / Math.sqrt(3), 1 / Math.sqrt(3)],
  [1 / Math.sqrt(6), 1 / Math.sqrt(6), -2 / Math.sqrt(6)],
  [1 / Math.sqrt(2), -1 / Math.sqrt(2), 0],
] as const;

/**
 * Mean and deviation along decorrelated axes become those of another, drawn, picture; tones may turn into their negative
 * and the colour axes may be exchanged. Source: Reinhard et al. 2001 (Color Transfer between Images).
 */
export function transferColors({ rgb, width, height }: StylePicture, random: Random): void {
  const count = width * height;
  const isNegative = random.chance(0.2);
  const isSwapped = random.chance(0.3);
  const along = AXES.map((axis) =>
    Float32Array.from(
      { length: count },
      (_, i) => axis[0] * rgb[i] + axis[1] * rgb[count + i] + axis[2] * rgb[2 * count + i],
    ),
  );
  const targets = [
    { mean: random.uniform(0.5, 1.2), deviation: random.uniform(0.15, 0.5) * (isNegative ? -1 : 1) },
    { mean: random.uniform(-0.3, 0.3), deviation: random.uniform(-0.25, 0.25) },
    { mean: random.uniform(-0.25, 0.25), deviation: random.uniform(-0.25, 0.25) },
  ];
  const changed = along.map((values, axis) => {
    const from = isSwapped && axis > 0 ? (along[3 - axis] ?? values) : values;
    const mean = from.reduce((sum, value) => sum + value, 0) / count;
    const deviation = Math.sqrt(from.reduce((sum, value) => sum + (value - mean) ** 2, 0) / count);
    const target = targets[axis] ?? { mean: 0, deviation: 0 };
    const gain = target.deviation / Math.max(deviation, 1e-3);
    return from.map((value) => target.mean + gain * (value - mean));
  });
  for (let c = 0; c < 3; c++) {
    for (let i = 0; i < count; i++) {
      let value = 0;
      for (const [axis, values] of changed.entries()) value += (AXES[axis]?.[c] ?? 0) * (values[i] ?? 0);
      rgb[c * count + i] = unit(value);
    }
  }
}
