import type { Random } from '../../simulator/random.js';
import type { Sample } from '../stores/sample.js';
import type { Window } from './augmentation.js';
import { type ColorStep, jittered } from './color-jitter.js';
import { fillPicture, type PlaneOptions } from './fill-picture.js';
import { PLAIN_PLANES, UNCHANGED_COLORS } from './plain-picture.js';

/** As `fillPicture`, with colours that change step by step on the bytes of the window, as published code does it. */
export function fillJittered(
  out: Float32Array,
  index: number,
  picture: Pick<Sample, 'rgb' | 'width' | 'height'>,
  { width, height, mean, std }: PlaneOptions,
  window: Window,
  steps: readonly ColorStep[],
  random: Random,
): void {
  const pixels = width * height;
  const planes = new Float32Array(3 * pixels);
  fillPicture(planes, 0, picture, { width, height, ...PLAIN_PLANES }, window, UNCHANGED_COLORS, random);
  const rgb = Uint8Array.from({ length: 3 * pixels }, (_, i) =>
    Math.round(255 * (planes[(i % 3) * pixels + Math.floor(i / 3)] ?? 0)),
  );
  const changed = jittered(rgb, steps);
  const base = 3 * index * pixels;
  for (let c = 0; c < 3; c++) {
    const [shift, scale] = [mean[c] ?? 0, std[c] ?? 1];
    for (let i = 0; i < pixels; i++) {
      out[base + c * pixels + i] = ((changed[3 * i + c] ?? 0) / 255 - shift) / scale;
    }
  }
}
