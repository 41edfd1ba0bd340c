import { type ColorStep, jittered } from './color-jitter.js';
import { fillPicture, type PictureView, type PlaneOptions } from './fill-picture.js';
import { PLAIN_PLANES, UNCHANGED_COLORS } from './plain-picture.js';

/** What is seen of a picture, and the steps that its colours change by. */
interface JitteredView extends Omit<PictureView, 'change'> {
  readonly steps: readonly ColorStep[];
}

/** As `fillPicture`, with colours that change step by step on the bytes of the window, as published code does it. */
export function fillJittered(
  out: Float32Array,
  index: number,
  { width, height, mean, std }: PlaneOptions,
  { steps, ...view }: JitteredView,
): void {
  const pixels = width * height;
  const planes = new Float32Array(3 * pixels);
  fillPicture(planes, 0, { width, height, ...PLAIN_PLANES }, { ...view, change: UNCHANGED_COLORS });
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
