import * as tf from '@tensorflow/tfjs';
import test from 'ava';
import { type S2rBatch, STYLE_NUMBERS } from '../../../../training/methods/s2r-depthnet/s2r-batch.js';
import {
  attentionStepLoss,
  structureStepLoss,
  trueDepth,
} from '../../../../training/methods/s2r-depthnet/s2r-loss.js';
import { NARROW_S2R } from '../../../../training/methods/s2r-depthnet/s2r-presets.js';
import { styleState } from '../../../../training/methods/s2r-depthnet/style-state.js';
import {
  discriminatorLoss,
  generatorLoss,
  knowingNothing,
  PAPER_TRANSLATION,
  type TranslationOptions,
} from '../../../../training/methods/s2r-depthnet/translation-loss.js';
import { depthEvidence, type S2rDepthnetOptions } from '../../../../training/networks/s2r-depthnet.js';
import { Scope } from '../../../../training/networks/scope.js';
import { AccumulatedStep } from '../../../../training/runs/accumulated-step.js';
import { correctGradients } from '../../../../training/tracer/gradients/correct-gradients.js';
import { inventingScope } from '../../networks/eager-scope.js';
import { wave, waveImage } from '../../networks/wave-scope.js';
import { disagreement } from '../../tracer/disagreement.js';
import type { Samples } from '../../tracer/parity.js';

test.before(async () => {
  await tf.setBackend('cpu');
  correctGradients();
});

const NETWORKS: S2rDepthnetOptions = {
  ...NARROW_S2R.networks,
  ...{
    structureEncoder: { filters: 2, blocks: 1 },
    structureDecoder: { filters: [3, 2], alignCorners: false },
  },
  attentionModule: {
    encoder: [2, 2, 2, 3, 3, 4, 4, 4, 4],
    decoder: { filters: [3, 2, 2], alignCorners: false },
  },
  depthPredictor: { filters: 2, dilations: [1, 2], blocks: 1, border: 'zero' },
  ...{ input: 'structure', attention: 'product', maxMeters: 80 },
};
const TRANSLATION: TranslationOptions = {
  structureEncoder: NETWORKS.structureEncoder,
  ...{ styleFilters: 2, hidden: 3, discriminator: { filters: 2, layers: 2, scales: 2 } },
};
const WEIGHTS = { image: 10, structure: 1, style: 1, cycle: 0 };
const SIZE = 32;

const truth = () => {
  const disparity = tf.fill<tf.Rank.R4>([1, SIZE, SIZE, 1], 1 / 20);
  return {
    disparity,
    weight: tf.onesLike(disparity),
    labels: tf.zeros<tf.Rank.R3>([1, SIZE, SIZE], 'int32'),
  };
};
const batchOf = (): S2rBatch => ({
  ...truth(),
  image: waveImage(SIZE, SIZE, 3),
  styleImage: waveImage(SIZE, SIZE, 3).mul<tf.Tensor4D>(0.4).add(0.1),
  drawnStyle: tf.fill([1, STYLE_NUMBERS], 0.3),
  drawnSourceStyle: tf.fill([1, STYLE_NUMBERS], -0.2),
});
const number = (x: tf.Tensor | undefined): number => x?.dataSync()[0] ?? Number.NaN;

test('true depth is cut to the farthest, and known where it has a weight', (t) => {
  const row = (...values: number[]) => tf.tensor4d(values, [1, 1, values.length, 1]);
  const { meters, known } = trueDepth({ disparity: row(0.5, 1 / 80, 0, 0.1), weight: row(1, 0.3, 0, 1) }, 80);
  const near = (x: tf.Tensor, expected: number[]) =>
    [...x.dataSync()].every((value, i) => Math.abs(value - (expected[i] ?? Number.NaN)) < 1e-3);
  t.true(near(meters, [2, 80, 80, 10]));
  t.true(near(known, [1, 1, 0, 1]));
});

test('eq. 2 and the other ways of table 5: what the predictor sees', (t) => {
  const { scope } = inventingScope(false);
  const image = waveImage(SIZE, SIZE, 3);
  const of = (change: Partial<S2rDepthnetOptions>, attends = true) =>
    depthEvidence(scope, image, { ...NETWORKS, ...change }, { attends });
  const { structure, attention, evidence } = of({});
  if (structure === undefined || attention === undefined) return t.fail('there are maps');
  const [s, a] = [structure.dataSync(), attention.dataSync()];
  const agrees = (x: tf.Tensor, expected: (i: number) => number) =>
    Array.from(x.dataSync()).every((value, i) => Math.abs(value - expected(i)) < 1e-6);
  t.true(agrees(evidence, (i) => s[i] * a[i]));
  t.true(agrees(of({ attention: 'sum' }).evidence, (i) => s[i] + a[i]));
  t.true(agrees(of({ attention: 'concatenation' }).evidence, (i) => (i % 2 === 0 ? s[i >> 1] : a[i >> 1])));
  t.true(agrees(of({}, false).evidence, (i) => s[i]));
  t.true(agrees(of({ attention: 'concatenation' }, false).evidence, (i) => (i % 2 === 0 ? s[i >> 1] : 1)));
  t.is(of({ input: 'picture' }).evidence, image);
  t.deepEqual(of({ input: 'edges' }).evidence.shape, [1, SIZE, SIZE, 1]);
  const labels = tf.tensor3d(
    Array.from({ length: SIZE * SIZE }, (_, i) => [3, 255][i % 2] ?? 0),
    [1, SIZE, SIZE],
    'int32',
  );
  const classes = depthEvidence(
    scope,
    image,
    { ...NETWORKS, input: 'labels' },
    { attends: false, labels },
  ).evidence;
  t.deepEqual(classes.shape, [1, SIZE, SIZE, 19]);
  t.true(
    agrees(classes, (i) => (i % 38 === 3 ? 1 : 0)),
    'one-hot, nothing for what is ignored',
  );
});

test('the generators’ loss is the weighted sum of its parts, a cycle adds to it', (t) => {
  const { scope } = inventingScope(true);
  const { loss, metrics } = generatorLoss(scope, batchOf(), TRANSLATION, WEIGHTS);
  const { image, structureKept, style, adversarial } = metrics ?? {};
  const sum = number(adversarial) + 10 * number(image) + number(structureKept) + number(style);
  t.true(Math.abs(number(loss) - sum) < 1e-4 * sum);
  const cyclic = generatorLoss(scope, batchOf(), TRANSLATION, { ...WEIGHTS, cycle: 10 });
  t.true(number(cyclic.loss) > number(loss));
});

test('discriminators that say 1/2 of everything lose 1/2 a scale and domain', (t) => {
  const { scope, values } = inventingScope(true);
  discriminatorLoss(scope, batchOf(), TRANSLATION); // makes the parameters up
  const halves = Object.fromEntries(
    [...values].map(([name, value]) => {
      const [, last] = /_discriminator\.cnns\.\d\.2\.(weight|bias)$/.exec(name) ?? [];
      return [
        name,
        last === 'weight' ? tf.zerosLike(value) : last === 'bias' ? tf.fill(value.shape, 0.5) : value,
      ];
    }),
  );
  const { loss } = discriminatorLoss(Scope.over(halves, true), batchOf(), TRANSLATION);
  t.true(Math.abs(number(loss) - 2) < 1e-5);
  t.is(knowingNothing(TRANSLATION), 2);
  t.is(knowingNothing({ discriminator: PAPER_TRANSLATION.discriminator }), 3);
});

test('drawn styles follow from seed, batch and update alone', (t) => {
  const drawn = (seed: number, index: number, update: string) =>
    styleState(seed, { counts: { source: 2, style: 1 } }).before({}, index, update) as Record<
      string,
      Float32Array
    >;
  t.deepEqual(drawn(1, 5, 'generator'), drawn(1, 5, 'generator'));
  t.is(drawn(1, 5, 'generator').drawnStyle?.length, 2 * STYLE_NUMBERS);
  t.is(drawn(1, 5, 'generator').drawnSourceStyle?.length, STYLE_NUMBERS);
  for (const other of [drawn(2, 5, 'generator'), drawn(1, 6, 'generator'), drawn(1, 5, 'discriminator')])
    t.notDeepEqual(other, drawn(1, 5, 'generator'));
  const many = Array.from({ length: 200 }, (_, i) => [...(drawn(1, i, 'generator').drawnStyle ?? [])]).flat();
  const mean = many.reduce((sum, value) => sum + value, 0) / many.length;
  const variance = many.reduce((sum, value) => sum + (value - mean) ** 2, 0) / many.length;
  t.true(Math.abs(mean) < 0.1 && Math.abs(variance - 1) < 0.15, `${mean} ${variance}`);
});

/** A loss as a function of all its parameters, which are drawn. */
function lossCase(loss: (scope: Scope, batch: S2rBatch) => tf.Scalar, training: boolean) {
  const { scope, specs, values } = inventingScope(training);
  loss(scope, batchOf());
  const trained: Record<string, Samples[string]> = {};
  const fixed: Record<string, Samples[string]> = {};
  for (const [name, value] of values) {
    const sample = {
      shape: value.shape,
      dtype: 'float32' as const,
      data: Float32Array.from(value.dataSync()),
    };
    (specs.get(name)?.trainable ? trained : fixed)[name] = sample;
  }
  return {
    samples: trained,
    fn: (parameters: Record<string, tf.Tensor>) => {
      const rest = Object.entries(fixed).map(([name, { data, shape }]) => [
        name,
        tf.tensor(data, [...shape]),
      ]);
      return loss(Scope.over({ ...Object.fromEntries(rest), ...parameters }, training), batchOf());
    },
  };
}

const EQ1 = { lambda: 1, beta: 1e-3, gradientUnit: 'centimetres', gradientForm: 'sum' } as const;

for (const [name, loss, training] of [
  ['step 1, generators', (s, b) => generatorLoss(s, b, TRANSLATION, WEIGHTS).loss, true],
  ['step 1, discriminators', (s, b) => discriminatorLoss(s, b, TRANSLATION).loss, true],
  ['step 2', (s, b) => structureStepLoss(s, b, NETWORKS, EQ1).loss, false],
  ['step 3', (s, b) => attentionStepLoss(s, b, NETWORKS).loss, false],
] as const satisfies readonly (readonly [string, (s: Scope, b: S2rBatch) => tf.Scalar, boolean])[]) {
  test(`${name}: a compiled step gives the loss and all gradients of an eager one`, async (t) => {
    t.timeout(300_000);
    const given = lossCase(loss, training);
    const error = await disagreement(given.fn, given.samples);
    t.true(error < 1e-3, `${error}`);
  });
}

test('averaged gradients of two batches are those of one large batch, up to the statistics of batches', (t) => {
  t.timeout(1_800_000);
  const disparity = tf.tensor4d(
    wave(2 * SIZE * SIZE, 0.7).map((value) => 1 / (20 + 10 * value)),
    [2, SIZE, SIZE, 1],
  );
  // Every pixel is known: means over known pixels weigh both pictures alike.
  const whole: S2rBatch = {
    ...batchOf(),
    ...{ disparity, weight: tf.onesLike(disparity), labels: tf.zeros([2, SIZE, SIZE], 'int32') },
    image: tf.tensor4d(wave(2 * SIZE * SIZE * 3, 0.4), [2, SIZE, SIZE, 3]),
  };
  const part = (at: number): S2rBatch => ({
    ...whole,
    image: whole.image.slice([at], [1]),
    disparity: whole.disparity.slice([at], [1]),
    weight: whole.weight.slice([at], [1]),
    labels: whole.labels.slice([at], [1]),
  });
  const { scope, specs, values } = inventingScope(false);
  structureStepLoss(scope, whole, NETWORKS, EQ1); // makes the parameters up
  const names = [...values.keys()].filter((key) => specs.get(key)?.trainable);
  const gradients = (batch: S2rBatch, training: boolean) => {
    const at = (...given: tf.Tensor[]) => {
      const changed = Object.fromEntries(names.map((key, i) => [key, given[i] as tf.Tensor])); // one for each
      const parameters = { ...Object.fromEntries(values), ...changed };
      return structureStepLoss(Scope.over(parameters, training), batch, NETWORKS, EQ1).loss;
    };
    const all = tf.grads(at)(names.map((key) => values.get(key) as tf.Tensor)); // each was made up
    return Object.fromEntries(all.map((gradient, i) => [names[i], Float32Array.from(gradient.dataSync())]));
  };
  /** Largest difference, relative to the largest gradient. */
  const apart = (training: boolean) => {
    const step = new AccumulatedStep(2);
    const [, averaged] = [0, 1].map((at) =>
      step.add({ loss: 0, metrics: {}, updates: {}, gradients: gradients(part(at), training) }),
    );
    let [difference, largest] = [0, 0];
    for (const [key, gradient] of Object.entries(gradients(whole, training))) {
      for (const [i, value] of gradient.entries()) {
        difference = Math.max(difference, Math.abs(value - (averaged?.gradients[key]?.[i] ?? Number.NaN)));
        largest = Math.max(largest, Math.abs(value));
      }
    }
    return difference / largest;
  };
  const fixed = apart(false);
  t.true(fixed < 1e-5, `fixed statistics: ${fixed}`);
  const own = apart(true);
  t.true(own > 1e-3, `each batch has statistics of its own: ${own}`);
});
