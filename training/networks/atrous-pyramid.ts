import type * as tf from '@tensorflow/tfjs';
import { TrainingError } from '../errors.js';
import { conv2d } from './layers.js';
import type { Scope } from './scope.js';

export interface AtrousPyramidOptions {
  readonly filters: number;
  /** Dilations, one branch each; 6, 12, 18, 24 by default. */
  readonly rates?: readonly number[];
}

/** Source: Chen et al. 2018, ASPP-L. */
const RATES = [6, 12, 18, 24];

/**
 * Atrous spatial pyramid pooling, the classifier of DeepLab-v2: 3x3 convolutions with bias at several dilations, summed:
 * [B, H, W, C] -> [B, H, W, filters]. Parameter names as in its published code, `conv2d_list.0.weight` ...
 * @throws TrainingError without any rate.
 * Source: Chen et al. 2018 (DeepLab-v2), section 3.2; DADA, section 4.1; starting deviation 0.01 as in its code.
 */
export function atrousPyramid(
  scope: Scope,
  x: tf.Tensor4D,
  { filters, rates = RATES }: AtrousPyramidOptions,
): tf.Tensor4D {
  const branches = scope.child('conv2d_list');
  const [first, ...others] = rates.map((dilation, i) =>
    conv2d(branches.child(i), x, {
      filters,
      kernel: 3,
      dilation,
      bias: true,
      initializer: { kind: 'normal', deviation: 0.01 },
    }),
  );
  if (first === undefined) throw new TrainingError('rates: expected at least one dilation, got none');
  return others.reduce((sum, branch) => sum.add(branch), first);
}
