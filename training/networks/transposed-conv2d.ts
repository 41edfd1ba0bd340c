import * as tf from '@tensorflow/tfjs';
import { TrainingError } from '../errors.js';
import type { Initializer, Scope } from './scope.js';
import { spectralNorm } from './spectral-norm.js';

export interface TransposedConvOptions {
  readonly filters: number;
  readonly kernel: number;
  readonly stride: number;
  /** Rows and columns that are cut off on every side, PyTorch's `padding`. */
  readonly padding: number;
  /** Rows below and columns to the right that are cut off less, PyTorch's `output_padding`; at most `padding`, 0 by default. */
  readonly outputPadding?: number;
  readonly bias?: boolean;
  /** What the weights start from; by default uniform in +-1 / sqrt(kernel^2 filters), PyTorch's. */
  readonly initializer?: Initializer;
  /** What the bias starts from; by default uniform as the weights. */
  readonly initialBias?: number;
  /** Divides the filter by its largest singular value: `spectral-norm.ts`. */
  readonly spectral?: boolean;
}

/**
 * Transposed convolution, [B, H, W, C] -> [B, (H - 1) stride - 2 padding + kernel + outputPadding, the same of W, filters]. A
 * kernel of 4x4 with stride 2 and padding 1 doubles the size, and so does 3x3 with an output padding of 1.
 *
 * The filter is [kernel, kernel, filters, C]; stored it is [C, filters, kernel, kernel] as PyTorch's ConvTranspose2d.
 * @throws TrainingError when nothing is left of the result, or `outputPadding` is more than `padding`.
 * Source: Dumoulin and Visin 2016, section 4; adversarial-depth, section 3.2.
 */
export function transposedConv2d(scope: Scope, x: tf.Tensor4D, options: TransposedConvOptions): tf.Tensor4D {
  const { filters, kernel, stride, padding, outputPadding = 0, bias = false } = options;
  const [batch, height, width, channels] = x.shape;
  const size = (from: number) => (from - 1) * stride - 2 * padding + kernel + outputPadding;
  if (outputPadding > padding) {
    throw new TrainingError(
      `transposedConv2d: expected an output padding of at most \`${padding}\`, the padding, got ${outputPadding}`,
    );
  }
  if (size(height) < 1 || size(width) < 1) {
    throw new TrainingError(
      `transposedConv2d: expected a result of at least \`1x1\`, got ${size(height)}x${size(width)} from ${height}x${width}`,
    );
  }
  const start: Initializer = { kind: 'fanInUniform', fanIn: kernel * kernel * filters };
  const shape = [kernel, kernel, filters, channels];
  const weight = scope.parameter<tf.Rank.R4>('weight', shape, options.initializer ?? start);
  const filter = options.spectral === true ? spectral(scope, weight) : weight;
  const y = tf.conv2dTranspose(x, filter, [batch, size(height), size(width), filters], stride, [
    [0, 0],
    [padding, padding - outputPadding],
    [padding, padding - outputPadding],
    [0, 0],
  ]);
  if (!bias) return y;
  const { initialBias } = options;
  const shift: Initializer = initialBias === undefined ? start : { kind: 'constant', value: initialBias };
  return y.add(scope.parameter<tf.Rank.R1>('bias', [filters], shift));
}

/** Normalises by the matrix [filters, C kernel kernel], as PyTorch does for transposed convolutions: their outputs are its rows. */
function spectral(scope: Scope, weight: tf.Tensor4D): tf.Tensor4D {
  const swap = [0, 1, 3, 2];
  return spectralNorm(scope, weight.transpose<tf.Tensor4D>(swap)).transpose(swap);
}
