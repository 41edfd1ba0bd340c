import test from 'ava';
import { lengthOf, scaledTriplets } from '../../../../training/adaptation/drive/scaled-triplets.js';

const pose = (meters: number) =>
  Float64Array.of(1, 0, 0, 0.6 * meters, 0, 1, 0, 0, 0, 0, 1, 0.8 * meters, 0, 0, 0, 1);
const triplets = (...lengths: readonly number[]) =>
  lengths.map((meters, i) => ({
    ...{ target: i + 1, previous: i, next: i + 2, drive: 0 },
    ...{ previousPose: pose(meters), nextPose: pose(-meters) },
  }));
const near = (a: number, b: number) => Math.abs(a - b) < 1e-9;

test('poses get the length that the vehicle measured, the road the factor of the whole drive', (t) => {
  // The model sees half of the metres, and one of its poses is quite wrong.
  const posed = triplets(0.5, 0.5, 0.1, 0.5, 0.5, 0.5, 0.5);
  const measured = posed.map((_, i) => (i === 6 ? {} : { previousMeters: 1, nextMeters: 1.1 }));
  const scaled = scaledTriplets(posed, measured, undefined);
  for (const { previousPose, nextPose } of scaled.slice(0, 6)) {
    t.true(near(lengthOf(previousPose), 1) && near(lengthOf(nextPose), 1.1));
    t.true(previousPose[3] > 0 && nextPose[3] < 0, 'the direction stays');
    t.is(previousPose[0], 1, 'so does the rotation');
  }
  const factor = scaled[0].depthFactor ?? 0;
  t.true(near(factor, Math.sqrt(2 * 2.2)));
  t.true(scaled.every(({ depthFactor }) => depthFactor === factor));
  t.true(near(lengthOf(scaled[6].previousPose), 0.5 * factor), 'what was not measured follows the others');
});

test('one camera height a drive: a picture whose road lies too low has its metres shrunk', (t) => {
  const posed = triplets(1, 1, 1, 1, 1, 1);
  const measured = [1.5, 1.5, 1.65, 1.5, 1.5, 3].map((roadHeight) => ({ roadHeight }));
  const known = scaledTriplets(posed, measured, 1.65);
  t.true(near(known[0].depthFactor ?? 0, 1.1) && near(lengthOf(known[0].previousPose), 1.1));
  t.true(near(known[2].depthFactor ?? 0, 1));
  t.true(near(known[5].depthFactor ?? 0, 1.1), 'a height that cannot be is none: the usual one counts');
  const constant = scaledTriplets(posed, measured, 'constant');
  t.true(near(constant[0].depthFactor ?? 0, 1));
  t.true(near(constant[2].depthFactor ?? 0, 1.5 / 1.65));
});

test('without measurements, with too few, and for a vehicle that stands, all stays as it is', (t) => {
  const posed = triplets(1, 1, 1, 1, 1, 1);
  t.deepEqual(
    scaledTriplets(
      posed,
      posed.map(() => ({})),
      undefined,
    ),
    posed,
  );
  t.deepEqual(
    scaledTriplets(
      posed,
      posed.map((_, i) => (i < 3 ? { previousMeters: 2 } : {})),
      undefined,
    ),
    posed,
  );
  t.deepEqual(
    scaledTriplets(
      posed,
      posed.map(() => ({ previousMeters: 0.01, nextMeters: 0 })),
      undefined,
    ),
    posed,
  );
  t.deepEqual(
    scaledTriplets(
      posed,
      posed.map(() => ({})),
      1.65,
    ),
    posed,
  );
});
