import test from 'ava';
import { TrainingError } from '../../../../training/errors.js';
import { unmaskedFraction } from '../../../../training/methods/sgdepth/mask-schedule.js';
import { sgdepth } from '../../../../training/methods/sgdepth/sgdepth.js';
import {
  methodOf,
  SGDEPTH_RUN_OPTIONS,
  type SgdepthRunOptions,
  scheduleOf,
} from '../../../../training/methods/sgdepth/sgdepth-options.js';
import { commandOf, completeOptions, parseOptions } from '../../../../training/runs/complete-options.js';

const OPTIONS = {
  ...{ preset: 'paper', width: 640, height: 192, seed: 3, dataSeed: 1, length: { epochs: 40 } },
  ...{
    target: 'kitti-raw:/data/kitti',
    source: 'cityscapes:/data/city scapes',
    targetBatch: 6,
    sourceBatch: 6,
  },
  ...{ learningRate: 1e-4, segmentationGradient: 0.1, masking: 'scheduled', autoMask: true, overlap: 'mean' },
};
const parse = (change: object = {}): SgdepthRunOptions =>
  parseOptions({ options: SGDEPTH_RUN_OPTIONS }, { ...OPTIONS, ...change }, 'test');

/** epsilon of every epoch of a run. */
function fractions(change: object, epochs: number): number[] | undefined {
  const schedule = scheduleOf(parse(change), epochs * 100, 100);
  return schedule && Array.from({ length: epochs }, (_, epoch) => unmaskedFraction(epoch, schedule));
}

test('the schedule masks every image for three quarters of the epochs and none in the last', (t) => {
  t.deepEqual(scheduleOf(parse(), 4000, 100), { epochs: 40, maskedEpochs: 30 });
  t.deepEqual(fractions({}, 8), [0, 0, 0, 0, 0, 0, 0, 1]);
  t.deepEqual(fractions({}, 2), [0, 1]);
});

test('a run of one epoch masks every image: no image has an overlap yet', (t) => {
  t.deepEqual(fractions({}, 1), [0]);
});

test('rows of the ablation: never masked, always masked, a constant fraction after the first epoch', (t) => {
  t.is(fractions({ masking: 'none' }, 3), undefined);
  t.deepEqual(fractions({ masking: 'all' }, 3), [0, 0, 0]);
  t.deepEqual(fractions({ masking: 0.3 }, 3), [0, 0.3, 0.3]);
  t.is(fractions({ source: undefined }, 3), undefined, 'depth alone has no masks');
});

test('gradients are scaled by lambda, or added as they are', (t) => {
  t.is(methodOf(parse(), [1]).network.segmentationGradient, 0.1);
  t.is(methodOf(parse({ segmentationGradient: null }), [1]).network.segmentationGradient, undefined);
  t.is(methodOf(parse({ source: undefined })).network.segmentationGradient, undefined);
});

test('the command of a run names what decides its outcome, as a shell needs it', (t) => {
  const command = commandOf(sgdepth, parse({ segmentationGradient: null, autoMask: false }));
  t.regex(command, /^rxdepth train sgdepth --output RUN --preset paper --target kitti-raw:\/data\/kitti /);
  t.regex(command, /--source 'cityscapes:\/data\/city scapes' --size 640x192 .*--seed 3/);
  t.regex(command, /--epochs 40 .*--gradient-share sum .*--no-auto-mask/);
  t.notRegex(command, /--steps|--minutes/);
});

test('what is not given follows from the preset, and batches from what is trained', (t) => {
  const of = (given: object) =>
    completeOptions(sgdepth, { target: 'bag:a', ...given } as object) as SgdepthRunOptions;
  const paper = of({ preset: 'paper', source: 'cityscapes:b' });
  t.deepEqual([paper.width, paper.height, paper.length], [640, 192, { epochs: 40 }]);
  t.deepEqual([paper.learningRate, paper.targetBatch, paper.sourceBatch], [1e-4, 6, 6]);
  t.is(of({ preset: 'paper' }).targetBatch, 12, 'depth alone');
  const compact = of({ targetBatch: 3, width: 128 });
  t.deepEqual([compact.preset, compact.width, compact.height], ['compact', 128, 96]);
  t.deepEqual([compact.targetBatch, compact.sourceBatch, compact.length], [3, 3, { steps: 4000 }]);
  t.throws(() => of({ preset: 'huge' }), { message: /--preset: expected `compact`, .*got huge/ });
});

test('sizes that the networks cannot take are refused by name', (t) => {
  const error = t.throws(() => parse({ width: 650 }), { instanceOf: TrainingError });
  t.regex(error?.message ?? '', /test: .*width/s);
});
