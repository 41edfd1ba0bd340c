import { parentPort, workerData } from 'node:worker_threads';
import { yieldProcessor } from '../engine/yield-processor.js';
import { MotionJudging } from './motion-judging.js';
import type { FromMotionWorker, MotionRequest } from './motion-protocol.js';

/** Compares frames with those before them, beside the threads that compute and publish them. */
yieldProcessor((workerData as { readonly nice: number }).nice);
const judging = new MotionJudging();

parentPort?.on('message', (request: MotionRequest | 'close') => {
  if (request === 'close') {
    parentPort?.close();
    return;
  }
  const { id, maps } = request;
  let answer: FromMotionWorker;
  try {
    answer = { kind: 'motion', id, maps, ...judging.judge(request) };
  } catch (error) {
    judging.reset();
    answer = { kind: 'failed', id, message: error instanceof Error ? error.message : String(error) };
  }
  const views =
    answer.kind === 'failed'
      ? []
      : [
          ...[answer.moving, answer.maps.image, answer.dynamic, answer.points],
          ...[answer.obstacles?.obstacles, answer.obstacles?.dynamicPoints],
        ];
  parentPort?.postMessage(
    answer,
    views.filter((view) => view !== undefined).map(({ buffer }) => buffer as ArrayBuffer),
  );
});
