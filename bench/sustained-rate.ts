import { startRate } from './rate.js';

/** Runs before the clock starts. */
const WARM_UP = 3;

/** Does the same work again and again for so many seconds. @returns its rate, as `startRate` counts it. */
export async function sustainedRate(work: () => Promise<unknown>, seconds: number) {
  for (let i = 0; i < WARM_UP; i++) await work();
  const stop = startRate();
  const end = performance.now() + seconds * 1000;
  let frames = 0;
  while (performance.now() < end) {
    await work();
    frames++;
  }
  return stop(frames);
}
