import * as tf from '@tensorflow/tfjs';
import test from 'ava';
import {
  declareLabelDiscriminator,
  LABEL_ALIGNMENT_BATCH,
  LABEL_MAPS,
  type LabelAlignmentOptions,
  labelAlignmentLoss,
  labelDiscriminatorLoss,
} from '../../../../training/adaptation/learning/label-alignment-loss.js';
import { asTensors } from '../../../../training/datasets/batches/batch-schema.js';
import { Scope } from '../../../../training/networks/scope.js';
import { declaredParameters, networkParameters } from '../../../../training/weights/network-parameters.js';
import { initialParameters } from '../../../../training/weights/parameters.js';
import { tensorsOf } from '../../methods/sgdepth/sgdepth-step.js';

test.before(async () => {
  await tf.setBackend('cpu');
});

const [HEIGHT, WIDTH] = [32, 64];
const CLASSES = 19;
const OPTIONS: LabelAlignmentOptions = {
  network: {
    encoder: [2, 2, 2, 3, 3],
    decoder: { channels: [3, 3, 2, 2, 2], activation: 'relu', padding: 'zero' },
    ...{ outputScale: 0, disparityBias: 0, classes: CLASSES },
  },
  ...{ minMeters: 0.1, maxMeters: 100 },
  classWeights: Array.from({ length: CLASSES }, (_, i) => 1 + (i % 3)),
  weights: { segmentation: 0.6, views: 0.3, adversarial: 0.2 },
};
const number = (x: tf.Tensor | undefined) => x?.dataSync()[0] ?? Number.NaN;
const near = (a: number, b: number) => Math.abs(a - b) < 2e-4 * Math.max(1, Math.abs(b));

const batch = () =>
  asTensors(LABEL_ALIGNMENT_BATCH, {
    image: tf.randomNormal([1, HEIGHT, WIDTH, 3], 0, 1, 'float32', 3),
    labels: tf.tensor3d(
      Array.from({ length: HEIGHT * WIDTH }, (_, i) => [4, 9, 255][i % 3] ?? 0),
      [1, HEIGHT, WIDTH],
      'int32',
    ),
    targetImage: tf.randomNormal([1, HEIGHT, WIDTH, 3], 0, 1, 'float32', 4),
    // Of several views, class 9 by e^2 to 1.
    viewedLogits: tf.oneHot(tf.fill([1, HEIGHT, WIDTH], 9, 'int32'), CLASSES).mul<tf.Tensor4D>(2),
  });

const discriminator = () => declaredParameters((scope) => declareLabelDiscriminator(scope, OPTIONS.network));

function weights(): Record<string, tf.Tensor> {
  const specs = [...networkParameters(OPTIONS.network), ...discriminator()];
  return tensorsOf(initialParameters(specs, 5));
}

/** A network that says 2 m and, by e to 1, class 4 everywhere; a discriminator that takes all for the source, by e^0.5 to 1. */
function constantWeights(): Record<string, tf.Tensor> {
  const values = weights();
  const constant = (name: string, bias: readonly number[]) => {
    values[`${name}.weight`] = tf.zerosLike(values[`${name}.weight`] as tf.Tensor);
    values[`${name}.bias`] = tf.tensor1d([...bias]);
  };
  const sigma = (1 / 2 - 1 / 100) / (1 / 0.1 - 1 / 100);
  constant('depth.dispconv_0', [Math.log(sigma / (1 - sigma))]);
  constant(
    'segmentation.logits',
    Array.from({ length: CLASSES }, (_, i) => (i === 4 ? 1 : 0)),
  );
  constant('discriminator.8', [0.5]);
  return values;
}

test.serial('every term of the head’s update is what it is by hand', (t) => {
  const {
    loss,
    metrics = {},
    host = {},
  } = labelAlignmentLoss(Scope.over(constantWeights(), false), batch(), OPTIONS);
  const sum = Math.E + CLASSES - 1;
  const segmentation = (2 * Math.log(sum / Math.E) + 1 * Math.log(sum)) / 2;
  // Class 4 is e times as likely as others by the network, class 9 e^2 times by the views.
  const viewed = Math.E ** 2 + CLASSES - 1;
  const views =
    (Math.E ** 2 / viewed) * Math.log((Math.E ** 2 / viewed) * sum) +
    (1 / viewed) * Math.log(sum / Math.E / viewed) +
    ((CLASSES - 2) / viewed) * Math.log(sum / viewed);
  // -p log p / log C, times 10 / depth.
  const surprisal = (p: number) => ((-p * Math.log(p)) / Math.log(CLASSES)) * (10 / 2);
  const [four, other] = [surprisal(Math.E / sum), surprisal(1 / sum)];
  // To be taken for the source is what the drive's labels are drawn to.
  const adversarial = Math.log(1 + Math.exp(-0.5));
  const expected = {
    ...{ segmentation, views, adversarial },
    surprisal: (four + (CLASSES - 1) * other) / CLASSES,
  };
  for (const [name, value] of Object.entries(expected))
    t.true(near(number(metrics[name]), value), `${name} ${number(metrics[name])}, by hand ${value}`);
  const whole = 0.6 * segmentation + 0.3 * views + 0.2 * adversarial;
  t.true(near(number(loss), whole), `${number(loss)}, by hand ${whole}`);
  for (const map of [host.sourceMap, host.targetMap]) {
    t.deepEqual(map?.shape, [1, HEIGHT, WIDTH, CLASSES]);
    const values = map?.dataSync() ?? [];
    t.true(near(values[4] ?? 0, four) && near(values[5] ?? 0, other));
  }
});

test.serial('the adversary moves classes, and no depth', (t) => {
  const values = weights();
  const names = Object.keys(values).filter((name) =>
    /^(encoder|depth|segmentation)\..*conv.*weight$|logits/.test(name),
  );
  const gradients = tf.grads((...moved: tf.Tensor[]) => {
    const given = { ...values, ...Object.fromEntries(names.map((name, i) => [name, moved[i] as tf.Tensor])) };
    const only = { segmentation: 0, views: 0, adversarial: 1 };
    const options = { ...OPTIONS, weights: only };
    return labelAlignmentLoss(Scope.over(given, false), batch(), options).loss;
  })(names.map((name) => values[name] as tf.Tensor));
  const largest = (part: string) =>
    Math.max(
      ...gradients.flatMap((gradient, i) =>
        names[i]?.startsWith(part) ? [number(gradient.abs().max())] : [],
      ),
    );
  t.is(largest('depth.'), 0);
  t.true(largest('segmentation.') > 0 && largest('encoder.') > 0);
});

test.serial('the discriminator learns to call the source 1 and the drive 0', (t) => {
  const values = constantWeights();
  const maps = {
    sourceMap: tf.ones([1, HEIGHT, WIDTH, CLASSES]),
    targetMap: tf.zeros([1, HEIGHT, WIDTH, CLASSES]),
  };
  const { loss, metrics = {} } = labelDiscriminatorLoss(
    Scope.over(values, false),
    asTensors(LABEL_MAPS, maps),
  );
  const [onSource, onTarget] = [Math.log(1 + Math.exp(-0.5)), Math.log(1 + Math.exp(0.5))];
  t.true(near(number(metrics.discriminatorSource), onSource));
  t.true(near(number(metrics.discriminatorTarget), onTarget));
  t.true(near(number(loss), onSource + onTarget));
});
