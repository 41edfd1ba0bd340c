import test from 'ava';
import { SgdepthMeasure } from '../../../../training/methods/sgdepth/sgdepth-measure.js';

const near = (a: number | undefined, b: number) => Math.abs((a ?? Number.NaN) - b) < 1e-5;

/** A picture of six pixels; the last is beyond the cap of 80 m. */
const SAMPLE = {
  ...{ width: 3, height: 2 },
  depthMeters: Float32Array.of(10, 20, 40, 8, 16, 160),
  labels: Uint8Array.of(0, 0, 13, 13, 255, 10),
};
const OUTPUTS = {
  // A quarter of the truth, but for the cars: a third and a half.
  disparity: Float32Array.from([2.5, 5, 40 / 3, 4, 4, 40], (z) => 1 / z),
  labels: Float32Array.of(0, 0, 0, 13, 3, 10),
  error: Float32Array.of(0.1, 0.2, 0.3, 0.1, 0.2, 0.3),
  explained: Float32Array.of(1, 1, 1, 0, 0, 0),
  overlaps: Float32Array.of(0.75),
};

test('depth is measured up to 80 m by the scale of its median, cars by the same scale', (t) => {
  const measure = new SgdepthMeasure();
  measure.add({ outputs: OUTPUTS, sample: SAMPLE, batch: {}, size: SAMPLE });
  const figures = measure.figures();
  // Medians of 8, 10, 16, 20, 40 and of 2.5, 4, 4, 5, 13.3: the scale is 4.
  t.true(near(figures.absRel, (0 + 0 + 1 / 3 + 1 + 0) / 5), String(figures.absRel));
  t.true(near(figures.absRelDynamic, (1 / 3 + 1) / 2));
  t.true(near(figures.delta1, 3 / 5));
  t.true(near(figures.photometric, 0.2) && near(figures.explained, 0.5) && near(figures.overlap, 0.75));
  // Road: 2 of 3; cars: 1 of 2; sky: 1 of 1; the pixel without a class does not count.
  t.true(near(figures.meanIou, (2 / 3 + 1 / 2 + 1) / 3));
  t.is(figures.scaleSpread, 0, 'of one image');
});

test('the spread of the scales is their standard deviation by their median', (t) => {
  const measure = new SgdepthMeasure();
  for (const scale of [1, 2, 4]) {
    const disparity = OUTPUTS.disparity.map((x) => x * scale);
    measure.add({ outputs: { ...OUTPUTS, disparity }, sample: SAMPLE, batch: {}, size: SAMPLE });
  }
  // Scales 4, 8 and 16: mean 28/3, squares' mean 112, variance 112 - 784/9.
  t.true(near(measure.figures().scaleSpread, Math.sqrt(112 - 784 / 9) / 8));
});

test('without truth there is what the pictures say', (t) => {
  const measure = new SgdepthMeasure();
  const { error, explained, disparity } = OUTPUTS;
  measure.add({ outputs: { error, explained, disparity }, sample: {}, batch: {}, size: SAMPLE });
  t.deepEqual(Object.keys(measure.figures()), ['photometric', 'explained']);
});
