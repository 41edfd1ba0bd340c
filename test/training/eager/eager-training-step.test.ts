import * as tf from '@tensorflow/tfjs';
import test from 'ava';
import { selectEagerBackend } from '../../../training/eager/eager-backend.js';
import { eagerTrainingStep } from '../../../training/eager/eager-training-step.js';
import { TrainingError } from '../../../training/errors.js';
import {
  compileTrainingStep,
  type TrainingStepDefinition,
} from '../../../training/tracer/compile-training-step.js';

/** A strided convolution, stored as images and filters are in training, with a metric and statistics. */
const definition: TrainingStepDefinition = {
  parameters: {
    weight: { shape: [3, 3, 2, 4], layout: 'OIHW', trainable: true },
    bias: { shape: [4], trainable: true },
    mean: { shape: [4], trainable: false },
  },
  batch: {
    image: { shape: [2, 8, 9, 2], dtype: 'float32', layout: 'NCHW' },
    labels: { shape: [2, 4, 5], dtype: 'int32' },
  },
  loss: ({ weight, bias, mean }, { image, labels }) => {
    const pad: tf.backend_util.ExplicitPadding = [
      [0, 0],
      [1, 1],
      [1, 1],
      [0, 0],
    ];
    const y = tf
      .conv2d(image as tf.Tensor4D, weight as tf.Tensor4D, 2, pad)
      .add(bias)
      .sub(mean);
    const error = tf.oneHot(labels, 4).sub(tf.softmax(y)).square().mean<tf.Scalar>();
    return { loss: error, metrics: { doubled: error.mul(2) }, updates: { mean: y.mean([0, 1, 2]) } };
  },
};

const waves = (length: number, step: number): Float32Array =>
  Float32Array.from({ length }, (_, i) => Math.sin(i * step));
const parameters = { weight: waves(72, 0.7), bias: waves(4, 0.5), mean: waves(4, 0.2) };
const batch = { image: waves(288, 0.3), labels: Int32Array.from({ length: 40 }, (_, i) => i % 5) };

function isClose(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  return a.length === b.length && Array.from(a).every((value, i) => Math.abs(value - (b[i] ?? NaN)) < 1e-5);
}

for (const backend of ['cpu', 'wasm']) {
  test.serial(
    `on ${backend} a step gives what the compiled step gives, and leaves no tensor behind`,
    async (t) => {
      await selectEagerBackend(backend);
      const compiled = await compileTrainingStep({ ...definition, options: { threads: 1 } });
      const expected = await compiled.step(parameters, batch);
      const before = tf.memory().numTensors;
      const eager = eagerTrainingStep(definition);
      const result = await eager.step(parameters, batch);
      t.is(tf.memory().numTensors, before);
      t.true(
        isClose([result.loss, result.metrics.doubled ?? 0], [expected.loss, expected.metrics.doubled ?? 1]),
      );
      t.deepEqual(Object.keys(result.gradients).sort(), ['bias', 'weight']);
      for (const name of ['weight', 'bias'] as const) {
        t.true(isClose(result.gradients[name] ?? [], expected.gradients[name] ?? [0]), name);
      }
      t.true(isClose(result.updates.mean ?? [], expected.updates.mean ?? [0]));
      await compiled.close();
      await eager.close();
    },
  );
}

test.serial(
  'data of another size than declared are refused by name, and leave no tensor behind',
  async (t) => {
    await selectEagerBackend('cpu');
    const before = tf.memory().numTensors;
    const step = eagerTrainingStep(definition).step(parameters, { ...batch, image: new Float32Array(7) });
    await t.throwsAsync(step, { instanceOf: TrainingError, message: /`image`: expected `288` .*got 7/ });
    t.is(tf.memory().numTensors, before);
  },
);
