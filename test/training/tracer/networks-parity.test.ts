import * as tf from '@tensorflow/tfjs';
import test from 'ava';
import { LABELLED_FIELDS } from '../../../training/datasets/batches/batch.js';
import { asTensors } from '../../../training/datasets/batches/batch-schema.js';
import { selectEagerBackend } from '../../../training/eager/eager-backend.js';
import { supervisedLoss } from '../../../training/methods/supervised/supervised-loss.js';
import { poseNetwork } from '../../../training/networks/pose-network.js';
import { resnetEncoder } from '../../../training/networks/resnet-encoder.js';
import { Scope } from '../../../training/networks/scope.js';
import {
  depthHead,
  disparityFromLogits,
  encode,
  type SgdepthNetworkOptions,
  segmentationHead,
} from '../../../training/networks/sgdepth-network.js';
import { Sgd } from '../../../training/optimizers/sgd.js';
import { stepParameters } from '../../../training/runs/step-parameters.js';
import { compileTrainingStep, type LossResult } from '../../../training/tracer/compile-training-step.js';
import { initialParameters, type Parameters } from '../../../training/weights/parameters.js';
import { tensorsOf, valuesOf } from '../methods/sgdepth/sgdepth-step.js';
import { inventingScope } from '../networks/eager-scope.js';
import { floats, integers, relativeError, type Samples } from './parity.js';

type Tensors = Record<string, tf.Tensor>;

const TOLERANCE = 1e-4;
const RATE = 0.05;
/** Large enough that the deepest batch normalisation has 8 values to normalise. */
const [HEIGHT, WIDTH] = [64, 64];

/** The same layers as the real networks in the same order, narrower. */
const NARROW: SgdepthNetworkOptions = {
  encoder: [3, 3, 4, 5, 6],
  decoder: { channels: [6, 5, 4, 4, 3], activation: 'elu', padding: 'reflection' },
  outputScale: 0,
  disparityBias: 0,
  classes: 5,
  segmentationGradient: 0.1,
};
const COMPACT: SgdepthNetworkOptions = {
  ...NARROW,
  decoder: { ...NARROW.decoder, activation: 'relu', padding: 'zero' },
  outputScale: 1,
};

interface NetworkCase {
  readonly title: string;
  readonly batch: Samples;
  /** Forward results are `updates`, beside those that the network makes. */
  readonly run: (parameters: Tensors, batch: Tensors) => LossResult;
  /** Asks for every parameter. */
  readonly declare: (scope: Scope, batch: Tensors) => void;
  /** Changes the parameters that it starts with. */
  readonly prepare?: (parameters: Parameters) => void;
  /** Gradients that are less than this share of the largest one may be as wrong as if they had that size; 0 by default. */
  readonly share?: number;
}

const image = floats([2, HEIGHT, WIDTH, 3]);

/** A smooth loss that weighs every element of every result differently. */
function weighed(results: Tensors): tf.Scalar {
  const terms = Object.values(results).map((result) => {
    const weights = Float32Array.from({ length: result.size }, (_, i) => Math.sin((3 * i) / result.size - 1));
    return result.mul(tf.tensor(weights, result.shape)).mean<tf.Scalar>();
  });
  return tf.addN(terms);
}

function sgdepthResults(scope: Scope, batch: Tensors): Tensors {
  const features = encode(scope, batch.image as tf.Tensor4D, NARROW);
  const disparities = depthHead(scope, features, NARROW, 4).map((logits) =>
    disparityFromLogits(logits, 0.1, 100),
  );
  const named = Object.fromEntries(disparities.map((disparity, scale) => [`disparity${scale}`, disparity]));
  return { ...named, classes: segmentationHead(scope, features, NARROW) };
}

function poseResults(scope: Scope, batch: Tensors): Tensors {
  const options = { encoder: NARROW.encoder, channels: 5 };
  return { motion: poseNetwork(scope, batch.image as tf.Tensor4D, batch.later as tf.Tensor4D, options) };
}

function resnet50Results(scope: Scope, batch: Tensors): Tensors {
  const features = resnetEncoder(scope, batch.image as tf.Tensor4D, [4, 8, 8, 12, 16], 'resnet50');
  return Object.fromEntries(features.map((feature, i) => [`feature${i}`, feature]));
}

/**
 * Relus far from where they turn, two of three channels open: 49 convolutions deep the rounding of any implementation
 * decides on which side of zero a few values are, and gradients jump there (docs/measurements/tracer.md has the sizes).
 */
function leaveKinks(parameters: Parameters): void {
  for (const [name, { values }] of parameters) {
    if (/bn\d\.bias$/.test(name)) for (const i of values.keys()) values[i] = i % 3 === 2 ? -5 : 5;
  }
}

function smooth(
  title: string,
  batch: Samples,
  results: (scope: Scope, batch: Tensors) => Tensors,
): NetworkCase {
  return {
    title,
    batch,
    declare: results,
    run: (parameters, given) => {
      const scope = Scope.over(parameters, true);
      const named = results(scope, given);
      return { loss: weighed(named), updates: { ...scope.updates(), ...named } };
    },
  };
}

const supervisedOptions = {
  network: COMPACT,
  minMeters: 0.1,
  maxMeters: 100,
  classWeights: [1, 2, 1, 3, 1],
  segmentationWeight: 0.1,
};
const half = [2, HEIGHT / 2, WIDTH / 2];

const cases: readonly NetworkCase[] = [
  smooth('SGDepth, four scales of depth and the segmentation', { image }, sgdepthResults),
  smooth('the pose network', { image, later: floats([2, HEIGHT, WIDTH, 3]) }, poseResults),
  {
    ...smooth('the ResNet-50 encoder', { image }, resnet50Results),
    prepare: leaveKinks,
    // A convolution of 1x1 and a normalisation take away most of what the normalisation before them adds or scales.
    share: 0.01,
  },
  {
    title: 'the supervised network with its loss',
    batch: {
      image,
      disparity: floats([...half, 1], (value) => 0.2 + 0.15 * value),
      weight: floats([...half, 1], Math.abs),
      labels: integers(half, 0, 6),
    },
    declare: (scope, batch) => {
      const features = encode(scope, batch.image as tf.Tensor4D, COMPACT);
      depthHead(scope, features, COMPACT);
      segmentationHead(scope, features, COMPACT);
    },
    run: (parameters, batch) => {
      const scope = Scope.over(parameters, true);
      const result = supervisedLoss(scope, asTensors(LABELLED_FIELDS, batch), supervisedOptions);
      return { ...result, updates: scope.updates() };
    },
  },
];

test.before(async () => {
  await selectEagerBackend(process.env.RXDEPTH_EAGER ?? 'wasm'); // the cpu backend takes seconds
});

function tensors(samples: Samples): Tensors {
  return Object.fromEntries(
    Object.entries(samples).map(([name, { shape, dtype, data }]) => [
      name,
      tf.tensor(data, [...shape], dtype),
    ]),
  );
}

function parametersOf({ declare, batch, prepare }: NetworkCase): Parameters {
  const { scope, specs } = inventingScope(true);
  tf.tidy(() => declare(scope, tensors(batch)));
  const parameters = initialParameters([...specs.values()], 3);
  prepare?.(parameters);
  return parameters;
}

/** In storage order, as the compiled step has it. */
function stored(x: tf.Tensor): Float32Array {
  return (x.rank === 4 ? x.transpose([3, 2, 0, 1]) : x).dataSync() as Float32Array;
}

for (const network of cases) {
  test.serial(
    `${network.title}: forward, loss, every gradient and the weights after a step of SGD equal those of eager TensorFlow.js`,
    async (t) => {
      const parameters = parametersOf(network);
      const trainable = [...parameters].filter(([, { spec }]) => spec.trainable).map(([name]) => name);
      const check = (what: string, actual: ArrayLike<number> | undefined, expected: Float32Array): void => {
        const shape = [expected.length];
        const data = Float32Array.from(actual ?? []);
        const error = relativeError({ shape: [data.length], data }, { shape, data: expected });
        t.true(error < TOLERANCE, `${what}: relative error ${error}`);
      };

      const step = await compileTrainingStep({
        parameters: stepParameters(parameters),
        batch: network.batch,
        loss: network.run,
        options: { threads: 1 },
      });
      // Copies: TensorFlow.js computes with the arrays that it is given.
      const values = Object.fromEntries(
        Object.entries(valuesOf(parameters)).map(([name, array]) => [name, array.slice()]),
      );
      const feeds = Object.fromEntries(Object.entries(network.batch).map(([name, { data }]) => [name, data]));
      const compiled = await step.step(values, feeds);

      const eager = tensorsOf(parameters);
      const batch = tensors(network.batch);
      const forward = network.run(eager, batch);
      const xs = trainable.map((name) => eager[name]);
      const { grads } = tf.engine().gradients(() => network.run(eager, batch).loss, xs, undefined, true);

      check('loss', [compiled.loss], forward.loss.dataSync() as Float32Array);
      for (const [name, metric] of Object.entries(forward.metrics ?? {}))
        check(name, [compiled.metrics[name] ?? 0], metric.dataSync() as Float32Array);
      for (const [name, update] of Object.entries(forward.updates ?? {}))
        check(name, compiled.updates[name] as Float32Array, update.dataSync() as Float32Array);
      const norm = (gradient: Float32Array): number => Math.hypot(...gradient);
      const largest = Math.max(...Object.values(compiled.gradients).map(norm));
      for (const [i, name] of trainable.entries()) {
        const expected = stored(grads[i]);
        const difference = expected.map((x, j) => x - (compiled.gradients[name]?.[j] ?? Number.NaN));
        const size = Math.max(norm(expected), (network.share ?? 0) * largest);
        const error = norm(difference) / (size + 1e-12);
        t.true(error < TOLERANCE, `gradient of ${name}: relative error ${error}`);
      }
      t.is(Object.keys(compiled.gradients).length, trainable.length);

      new Sgd().update(values, compiled.gradients, RATE);
      for (const [i, name] of trainable.entries()) {
        const after = xs[i].sub(grads[i].mul(RATE));
        check(`${name} after a step`, values[name], stored(after));
      }
      await step.close();
    },
  );
}
