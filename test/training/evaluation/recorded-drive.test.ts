import { existsSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { openBag } from '../../../msgs/bag/open-bag.js';
import type { SparseDepth } from '../../../training/datasets/stores/sparse-depth.js';
import { findTruth } from '../../../training/datasets/truth/find-truth.js';
import { depthMetrics } from '../../../training/evaluation/metrics/depth-metrics.js';
import { summarizeDepth } from '../../../training/evaluation/metrics/depth-summary.js';
import { TrivialPredictorBuilder } from '../../../training/evaluation/metrics/trivial-predictors.js';

const DRIVE = path.join(process.env.RXDEPTH_DATA ?? '../shared/data', 'kitti_traffic_jam');

test('trivial predictors on a recorded KITTI drive have the errors that an independent evaluation found', async (t) => {
  if (!existsSync(DRIVE)) {
    t.log(`skipped: ${DRIVE} is not there (set RXDEPTH_DATA to the folder with the recorded drives)`);
    t.pass();
    return;
  }
  const bag = await openBag(DRIVE);
  t.teardown(() => bag.close());
  const truth = await findTruth(bag);
  const images: SparseDepth[] = [];
  const builder = new TrivialPredictorBuilder();
  for await (const { value } of truth.read()) {
    images.push(value);
    builder.add(value);
  }
  t.is(images.length, 40);
  const mean = images.reduce((sum, image) => sum + image.depthMeters.length, 0) / images.length;
  t.true(Math.abs(mean - 16_000) < 500, `${mean} depths a frame`);
  const { constant, rowMedian } = builder.of(images[0]?.height ?? 0, images[0]?.width ?? 0);
  const absRel = (prediction: Float32Array): number =>
    summarizeDepth(images.flatMap((image) => depthMetrics(image, prediction) ?? [])).absRel;
  t.true(Math.abs(absRel(constant) - 0.352) < 0.001, `${absRel(constant)}`);
  t.true(Math.abs(absRel(rowMedian) - 0.319) < 0.001, `${absRel(rowMedian)}`);
});
