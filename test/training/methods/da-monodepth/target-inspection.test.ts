import test from 'ava';
import { TargetMeasure } from '../../../../training/methods/da-monodepth/target-inspection.js';

const OPTIONS = {
  normalization: { mean: [0, 0, 0], std: [1, 1, 1] },
  capMeters: 80,
  canonicalFocalPixels: 2,
} as const;

/** A network of 4 x 2 pixels beside a stored picture of 8 x 4; its camera has 2 pixels of focal length at the network's size. */
const seen = (disparity: number[], depthMeters?: number[], labels?: number[]) => ({
  batch: {},
  outputs: { disparity: Float32Array.from(disparity), ...(labels && { labels: Int32Array.from(labels) }) },
  sample: {
    ...{ width: 8, height: 4, intrinsics: { fx: 4, fy: 4, cx: 3.5, cy: 1.5 } },
    ...(depthMeters && { depthMeters: Float32Array.from(depthMeters) }),
    ...(labels && { labels: new Uint8Array(32).fill(7) }),
  },
  size: { width: 4, height: 2 },
});

test('depth is compared at the pixels of the picture that the network saw, scaled by the median and not', (t) => {
  const measure = new TargetMeasure(OPTIONS);
  const truth = Array.from({ length: 32 }, (_, i) => (i % 8 < 4 ? 10 : 20));
  // Twice as far as the truth everywhere: 1 / 20 and 1 / 40.
  measure.add(seen([1 / 20, 1 / 20, 1 / 40, 1 / 40, 1 / 20, 1 / 20, 1 / 40, 1 / 40], truth));
  const figures = measure.figures();
  const { absRel, absRelUnscaled, delta1 } = figures;
  t.true((absRel ?? 1) < 1e-6);
  t.true(Math.abs((absRelUnscaled ?? 0) - 1) < 1e-6);
  t.is(delta1, 1);
  t.false('meanIou' in figures, 'nothing is labelled');
});

test('another focal length makes another depth of the same output', (t) => {
  const measure = new TargetMeasure({ ...OPTIONS, canonicalFocalPixels: 1 });
  measure.add(seen(new Array(8).fill(1 / 10), new Array(32).fill(20)));
  t.true((measure.figures().absRelUnscaled ?? 1) < 1e-6, 'twice the canonical focal length: twice the depth');
});

test('what has no truth has no figures, what is beyond the cap does not count', (t) => {
  const measure = new TargetMeasure(OPTIONS);
  measure.add(seen(new Array(8).fill(0.1)));
  t.deepEqual(measure.figures(), {});
  measure.add(seen(new Array(8).fill(0.1), new Array(32).fill(90)));
  t.deepEqual(measure.figures(), {});
  measure.add(seen(new Array(8).fill(0.1), new Array(32).fill(10), new Array(8).fill(7)));
  const { absRel, meanIou } = measure.figures();
  t.true((absRel ?? 1) < 1e-6);
  t.is(meanIou, 1);
});
