import type { InferenceSession } from '../models/onnxruntime.js';
import { startRate } from './rate.js';

/** Runs before the clock starts. */
const WARM_UP = 3;

/** Runs a session on the same input for so many seconds. @returns its rate, as `startRate` counts it. */
export async function sustainedRate(
  session: InferenceSession,
  feeds: Parameters<InferenceSession['run']>[0],
  seconds: number,
) {
  for (let i = 0; i < WARM_UP; i++) await session.run(feeds);
  const stop = startRate();
  const end = performance.now() + seconds * 1000;
  let frames = 0;
  while (performance.now() < end) {
    await session.run(feeds);
    frames++;
  }
  return stop(frames);
}
