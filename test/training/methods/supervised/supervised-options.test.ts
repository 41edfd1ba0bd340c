import test from 'ava';
import { canonicalFocalPixels } from '../../../../training/datasets/batches/canonical-focal-pixels.js';
import { supervised } from '../../../../training/methods/supervised/supervised.js';
import {
  parseStages,
  SUPERVISED_OPTIONS,
  type SupervisedOptions,
  stageOf,
} from '../../../../training/methods/supervised/supervised-options.js';
import { commandOf, parseOptions } from '../../../../training/runs/complete-options.js';

const parseRunOptions = (value: unknown, source: string): SupervisedOptions =>
  parseOptions({ options: SUPERVISED_OPTIONS }, value, source);

const OPTIONS: SupervisedOptions = {
  ...{ accumulate: 1, encoderRate: 1, augmentation: 'strong', compute: 'single' },
  ...{ learn: 'all', confidence: true },
  domain: 'town-clean',
  seed: 1,
  samples: 100,
  validation: 10,
  sampleWidth: 704,
  sampleHeight: 224,
  batchSize: 8,
  stages: [{ width: 320, height: 96, steps: 40 }],
  learningRate: 1e-3,
  weightDecay: 0,
  segmentationWeight: 0.1,
  preset: 'compact',
};

test('stages are read from their short form', (t) => {
  t.deepEqual(parseStages('416x128:20000, 640x192:4000'), [
    { width: 416, height: 128, steps: 20000 },
    { width: 640, height: 192, steps: 4000 },
  ]);
  t.deepEqual(parseStages('320x96+224x128:5'), [
    { width: 320, height: 96, steps: 5, second: { width: 224, height: 128 } },
  ]);
  for (const text of ['', '416x128', '416x128:', 'ax128:5', '416x128:5,', '416x128:5.5', '-32x32:1']) {
    t.throws(
      () => parseStages(text),
      { name: 'TrainingError', message: /`WIDTHxHEIGHT\[\+WIDTHxHEIGHT\]:STEPS,...`/ },
      text,
    );
  }
});

test('options that make no run are refused by name', (t) => {
  t.deepEqual(parseRunOptions(structuredClone(OPTIONS), 'train'), OPTIONS);
  const wrong: [unknown, RegExp][] = [
    [{ ...OPTIONS, stages: [{ width: 100, height: 96, steps: 1 }] }, /stages\[0\]\.width/],
    [{ ...OPTIONS, stages: [{ width: 0, height: 96, steps: 1 }] }, /stages\[0\]\.width/],
    [{ ...OPTIONS, stages: [] }, /stages/],
    [{ ...OPTIONS, stages: parseStages('64x64+0x64:1') }, /stages\[0\]\.second\.width/],
    [{ ...OPTIONS, validation: 100 }, /fewer held-out samples than `samples`[\s\S]*validation/],
    [{ ...OPTIONS, sampleWidth: Number.NaN }, /sampleWidth/],
    [{ ...OPTIONS, learningRate: 0 }, /learningRate/],
    [{ ...OPTIONS, preset: 'huge' }, /preset/],
    [{ ...OPTIONS, learn: 'confidence', confidence: false }, /leave out `--no-confidence`[\s\S]*learn/],
    [{ ...OPTIONS, sampels: 3 }, /sampels/],
    [null, /options\.json/],
  ];
  for (const [value, message] of wrong) {
    t.throws(() => parseRunOptions(value, 'options.json'), { name: 'TrainingError', message });
  }
});

test('a picture that is merely resized keeps its depth: the canonical focal length grows with the width', (t) => {
  t.is(canonicalFocalPixels(640) / 640, canonicalFocalPixels(416) / 416);
});

test('weights belong to the stage that trained them last', (t) => {
  const options = { ...OPTIONS, stages: parseStages('320x96:10,640x192:5') };
  t.is(stageOf(options, 0).width, 320);
  t.is(stageOf(options, 10).width, 320);
  t.is(stageOf(options, 11).width, 640);
  t.is(stageOf(options, 15).width, 640);
});

test('the command of a run names everything that decides its outcome', (t) => {
  const options = {
    ...OPTIONS,
    parent: 'first',
    domain: 'wide:60,traffic',
    stages: parseStages('320x96+224x128:40,640x192:5'),
  };
  t.is(
    commandOf(supervised, options),
    'rxdepth train supervised --output RUN --preset compact --domain wide:60,traffic --samples 100 --validation 10 ' +
      '--sample-size 704x224 --batch 8 --stages 320x96+224x128:40,640x192:5 --learning-rate 0.001 --encoder-rate 1 --weight-decay 0 ' +
      '--segmentation-weight 0.1 --augmentation strong --learn all --seed 1 --accumulate 1 --init first',
  );
});
