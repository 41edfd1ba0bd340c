/** Linear warm-up, then half a cosine down to `last` times the peak. Source: Loshchilov and Hutter 2017 (SGDR), one cycle. */
export function cosineLearningRate(
  step: number,
  { peak, steps, warmup, last = 0.01 }: { peak: number; steps: number; warmup: number; last?: number },
): number {
  if (step < warmup) return peak * Math.min(1, (step + 1) / warmup);
  const progress = Math.min(1, (step - warmup) / Math.max(1, steps - warmup));
  return peak * (last + (1 - last) * 0.5 * (1 + Math.cos(Math.PI * progress)));
}

/** `peak`, and a tenth of it for the last quarter of the steps. Source: SGDepth, section 4, "Training Aspects". */
export function droppedLearningRate(step: number, { peak, steps }: { peak: number; steps: number }): number {
  return step < Math.round(0.75 * steps) ? peak : peak / 10;
}
