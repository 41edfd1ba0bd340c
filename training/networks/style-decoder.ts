import * as tf from '@tensorflow/tfjs';
import { upsampleNearest } from '../ops/upsample-nearest.js';
import { adaptiveInstanceNorm } from './adaptive-instance-norm.js';
import { layerNorm } from './layer-norm.js';
import { kaimingFanIn, normResidualBlock } from './norm-residual-block.js';
import type { Scope } from './scope.js';
import { reflectedConv2d } from './structure-encoder.js';

export interface StyleDecoderOptions {
  /** Residual blocks. */
  readonly blocks: number;
  /** Width of the perceptron that turns a style into deviations and means. */
  readonly hidden: number;
}

/**
 * A picture of a domain from structure and style. It has residual blocks whose normalisation (AdaIN) follows the style, then
 * nearest upsampling and convolutions with layer normalisation, and tanh. Parameter names as in MUNIT's code:
 * `mlp.model.0.fc` ..., `dec.model.0.model.0 ...`; those of residual blocks as in `normResidualBlock`.
 * @param structure [B, h, w, C]. @param style [B, style].
 * @returns [B, 4 h, 4 w, 3] in -1..1.
 * Source: Huang et al. 2018 (MUNIT), section 5.1 and appendix B.2, `R256 x4, u128, u64, c7s1-3`, a perceptron of three
 * layers.
 */
export function styleDecoder(
  scope: Scope,
  structure: tf.Tensor4D,
  style: tf.Tensor2D,
  { blocks, hidden }: StyleDecoderOptions,
): tf.Tensor4D {
  const [, , , channels] = structure.shape;
  const asked = perceptron(scope.child('mlp').child('model'), style, hidden, 4 * channels * blocks);
  const [batch] = asked.shape;
  const part = (index: number): tf.Tensor2D => tf.slice2d(asked, [0, index * channels], [batch, channels]);
  const model = scope.child('dec').child('model');
  let x = structure;
  for (let block = 0; block < blocks; block++) {
    x = normResidualBlock(model.child(0).child('model').child(block), x, {
      // For each normalisation the means, then the deviations.
      normalize: (y, convolution) =>
        adaptiveInstanceNorm(
          scope,
          y,
          part(4 * block + 2 * convolution + 1),
          part(4 * block + 2 * convolution),
        ),
      slope: 0,
    });
  }
  // Places in MUNIT's list, where an upsampling precedes each but the last.
  for (const [place, divisor] of [
    [2, 2],
    [4, 4],
  ] as const) {
    const layer = model.child(place);
    const y = reflectedConv2d(layer, upsampleNearest(x, 2), {
      filters: channels / divisor,
      kernel: 5,
      stride: 1,
    });
    x = tf.relu(layerNorm(layer.child('norm'), y));
  }
  return tf.tanh(reflectedConv2d(model.child(5), x, { filters: 3, kernel: 7, stride: 1 }));
}

/** Three linear layers, the first two rectified. */
function perceptron(scope: Scope, x: tf.Tensor2D, hidden: number, outputs: number): tf.Tensor2D {
  let y = x;
  for (const [index, width] of [hidden, hidden, outputs].entries()) {
    const inputs = y.shape[1];
    const layer = scope.child(index).child('fc');
    const weight = layer.parameter<tf.Rank.R2>('weight', [inputs, width], kaimingFanIn(1, inputs));
    const bias = layer.parameter<tf.Rank.R1>('bias', [width], { kind: 'constant', value: 0 });
    const linear = tf.matMul(y, weight).add<tf.Tensor2D>(bias);
    y = index < 2 ? tf.relu(linear) : linear;
  }
  return y;
}
