import * as tf from '@tensorflow/tfjs';
import { crfLikelihood } from '../../losses/crf-likelihood.js';
import { type CnnCrfOptions, cnnCrf, cnnCrfDepth, nodeMeans, nodesToPixels } from '../../networks/cnn-crf.js';
import type { Scope } from '../../networks/scope.js';
import { type UnetGeneratorOptions, unetChannels, unetGenerator } from '../../networks/unet-generator.js';
import type { Size } from '../../runs/data-role.js';
import type { Generator } from './adversarial-loss.js';
import type { AdversarialOptions } from './adversarial-options.js';

/** Of superpixels: m of SLIC, and half of the ten iterations that its authors find enough. */
const COMPACTNESS = 10;
const ITERATIONS = 5;

/** A generator as the method composes it. */
export interface GeneratorNetwork {
  readonly generator: Generator;
  /** Coded depth [B, H, W, 1] of images that it has not learned from. */
  depth(scope: Scope, image: tf.Tensor4D): tf.Tensor4D;
  /** Sizes of the dropout mask's letters. */
  dropoutSizes(size: Size): { readonly y: number; readonly x: number; readonly C: number };
  /** Meets every parameter. */
  declare(scope: Scope): void;
  /** Size of pictures that are large enough for all networks. */
  readonly size: Size;
  /** Width and height of pictures are multiples of this. */
  readonly multiple: number;
  /** Why an exported model keeps its size; undefined: it does not. */
  readonly fixed: string | undefined;
  zeros(shape: readonly [number, number, number, number]): tf.Tensor4D;
}

/** The generator that a run's options ask for. */
export function generatorOf(options: AdversarialOptions): GeneratorNetwork {
  return options.network === 'crf' ? crfGenerator(options) : unetGeneratorOf(options);
}

function unetGeneratorOf(options: AdversarialOptions): GeneratorNetwork {
  const { filters, levels, norm, width, height } = options;
  const unet: UnetGeneratorOptions = { filters, levels, norm, spectral: true };
  return {
    generator: (scope, { image, dropout }, truth, valid) => {
      const depth = unetGenerator(scope.child('generator'), image, unet, dropout);
      return { depth, compared: { predicted: depth, truth, valid } };
    },
    depth: (scope, image) => unetGenerator(scope, image, unet),
    dropoutSizes: (size) => ({
      y: size.height / 2 ** levels,
      x: size.width / 2 ** levels,
      C: unetChannels(unet, levels - 1),
    }),
    declare: (scope) => void unetGenerator(scope, zeros([1, height, width, 3]), unet),
    size: { width, height },
    multiple: 2 ** levels,
    fixed: undefined,
    zeros,
  };
}

/** Source: adversarial-depth, section 3.2, "Joint CNN-CRF Network"; both regularisers of eq. 10 are half of these squares. */
function crfGenerator(options: AdversarialOptions): GeneratorNetwork {
  const { width, height, cell, patch, patchScale, unaryFilters, weightPenalty } = options;
  const crf: CnnCrfOptions = {
    ...{ superpixels: { cell, compactness: COMPACTNESS, iterations: ITERATIONS }, patch, patchScale },
    filters: unaryFilters,
  };
  return {
    generator: (scope, { image }, truth, valid) => {
      const made = cnnCrf(scope.child('generator'), image, crf);
      const { means, observed } = nodeMeans(truth, valid, made.found);
      const { loss, map } = crfLikelihood(made, { truth: means, observed });
      const asImage = (values: tf.Tensor2D) => values.reshape<tf.Tensor4D>([...values.shape, 1, 1]);
      const penalty = made.unarySquares
        .add<tf.Scalar>(made.pairwiseSquares)
        .mul<tf.Scalar>(weightPenalty / 2);
      return {
        depth: nodesToPixels(map, made.found),
        // "the loss was computed on the super-pixel level": section 4.
        compared: { predicted: asImage(map), truth: asImage(means), valid: asImage(observed) },
        likelihood: loss.add(penalty),
      };
    },
    depth: (scope, image) => tf.clipByValue(cnnCrfDepth(scope, image, crf), -1, 1),
    dropoutSizes: () => ({ y: 1, x: 1, C: 1 }),
    declare: (scope) => void cnnCrf(scope, zeros([1, height, width, 3]), crf),
    size: { width, height },
    multiple: cell,
    fixed: 'a CRF over the superpixels of a grid keeps its size',
    zeros,
  };
}

function zeros(shape: readonly [number, number, number, number]): tf.Tensor4D {
  return tf.zeros<tf.Rank.R4>([...shape]);
}
