import * as tf from '@tensorflow/tfjs';
import type { Scope } from '../../networks/scope.js';
import { type UnetGeneratorOptions, unetChannels, unetGenerator } from '../../networks/unet-generator.js';
import type { Size } from '../../runs/data-role.js';
import type { Generator } from './adversarial-loss.js';
import type { AdversarialOptions } from './adversarial-options.js';

/** A generator as the method composes it. */
export interface GeneratorNetwork {
  readonly generator: Generator;
  /** Coded depth [B, H, W, 1] of images that it has not learned from. */
  depth(scope: Scope, image: tf.Tensor4D): tf.Tensor4D;
  /** Sizes of the dropout mask's letters. */
  dropoutSizes(size: Size): { readonly y: number; readonly x: number; readonly C: number };
  /** Meets every parameter. */
  declare(scope: Scope): void;
  /** Of pictures that are large enough for all networks. */
  readonly size: Size;
  /** Width and height of pictures are multiples of this. */
  readonly multiple: number;
  /** Why an exported model keeps its size; undefined: it does not. */
  readonly fixed: string | undefined;
  zeros(shape: readonly [number, number, number, number]): tf.Tensor4D;
}

/** The generator that a run's options ask for. */
export function generatorOf(options: AdversarialOptions): GeneratorNetwork {
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

function zeros(shape: readonly [number, number, number, number]): tf.Tensor4D {
  return tf.zeros<tf.Rank.R4>([...shape]);
}
