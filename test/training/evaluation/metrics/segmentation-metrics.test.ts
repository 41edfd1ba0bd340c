import test from 'ava';
import { CITYSCAPES_CLASSES } from '../../../../models/class-table.js';
import { CLASS_SETS, type ClassSet } from '../../../../training/datasets/classes/class-sets.js';
import { TrainingError } from '../../../../training/errors.js';
import { ConfusionMatrix } from '../../../../training/evaluation/metrics/segmentation-metrics.js';

const set = (name: string): ClassSet => {
  const found = CLASS_SETS.find((entry) => entry.name === name);
  if (found === undefined) throw new Error(name);
  return found;
};
const ROAD = 0;
const SIDEWALK = 1;
const CAR = 13;
const TRUCK = 14;

function matrix(truth: number[], predicted: number[]): ConfusionMatrix {
  const confusion = new ConfusionMatrix();
  confusion.add(Uint8Array.from(truth), Uint8Array.from(predicted));
  return confusion;
}

test('IoU, mean IoU and pixel accuracy equal the values worked out by hand', (t) => {
  const confusion = matrix([ROAD, ROAD, ROAD, CAR, CAR, 255], [ROAD, ROAD, CAR, CAR, ROAD, CAR]);
  const metrics = confusion.metrics(set('19'));
  t.is(metrics.iou.road, 2 / 4);
  t.is(metrics.iou.car, 1 / 3);
  t.is(metrics.meanIou, (2 / 4 + 1 / 3) / 2);
  t.is(metrics.pixelAccuracy, 3 / 5);
  t.is(metrics.pixels, 5);
});

test('classes that never occur are NaN and leave the mean alone', (t) => {
  const metrics = matrix([ROAD], [ROAD]).metrics(set('19'));
  t.is(metrics.meanIou, 1);
  t.true(Number.isNaN(metrics.iou.bicycle));
});

test('a class that is only predicted has IoU 0 and counts in the mean', (t) => {
  const metrics = matrix([ROAD, ROAD], [ROAD, CAR]).metrics(set('19'));
  t.is(metrics.iou.car, 0);
  t.is(metrics.meanIou, 0.25);
});

test('a prediction without a class is a miss of the true one', (t) => {
  const metrics = matrix([ROAD, ROAD], [ROAD, 255]).metrics(set('19'));
  t.is(metrics.iou.road, 0.5);
  t.is(metrics.meanIou, 0.5);
});

test('the 16 classes ignore true trucks and count predicted ones as misses', (t) => {
  const metrics = matrix([TRUCK, CAR, CAR], [CAR, CAR, TRUCK]).metrics(set('16'));
  t.is(metrics.pixels, 2);
  t.is(metrics.iou.car, 1 / 2);
  t.is(metrics.meanIou, 1 / 2);
});

test('the 7 super-classes forgive confusions within a group', (t) => {
  const metrics = matrix([ROAD, SIDEWALK, CAR, TRUCK], [SIDEWALK, ROAD, TRUCK, CAR]).metrics(set('7'));
  t.is(metrics.meanIou, 1);
  t.is(metrics.pixelAccuracy, 1);
});

test('the class sets have 19, 16, 13 and 7 classes, the last one covering every trainId', (t) => {
  t.deepEqual(
    CLASS_SETS.map((entry) => entry.classNames.length),
    [19, 16, 13, 7],
  );
  t.true(set('7').indexOfTrainId.every((index) => index !== undefined));
});

test('the matrix sums over images, and images of different length are refused', (t) => {
  const confusion = matrix([ROAD], [ROAD]);
  confusion.add(Uint8Array.of(ROAD), Uint8Array.of(CAR));
  t.is(confusion.metrics(set('19')).pixelAccuracy, 0.5);
  t.throws(() => confusion.add(new Uint8Array(2), new Uint8Array(3)), { instanceOf: TrainingError });
});

test('the mean over 16 classes divides by 16, not by 19: half of them right is 0.5', (t) => {
  const trainIds = CITYSCAPES_CLASSES.flatMap((_, id) =>
    set('16').indexOfTrainId[id] === undefined ? [] : [id],
  );
  t.is(trainIds.length, 16);
  // The first eight are right, the last eight are taken for nothing.
  const metrics = matrix(
    trainIds,
    trainIds.map((id, i) => (i < 8 ? id : 255)),
  ).metrics(set('16'));
  t.is(metrics.meanIou, 8 / 16);
  t.deepEqual([metrics.occurring, metrics.classes], [16, 16]);
  const some = matrix(trainIds.slice(0, 4), trainIds.slice(0, 4)).metrics(set('16'));
  t.deepEqual([some.meanIou, some.occurring, some.classes], [1, 4, 16], 'what does not occur has no IoU');
});
