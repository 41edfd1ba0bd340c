import type { FlickerEvaluation } from './metrics/flicker-tally.js';

/** How much the depth changes from frame to frame, for people. */
export function flickerText({ pairs, flicker, scaleJitter }: FlickerEvaluation): string {
  const percent = (share: number) => `${(100 * share).toFixed(2)} %`;
  return `Flicker between ${pairs} pairs of frames: static depth changes by ${percent(flicker)}, its scale by ${percent(scaleJitter)}`;
}
