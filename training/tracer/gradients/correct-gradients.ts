import * as tf from '@tensorflow/tfjs';
import { comparisons } from './comparisons.js';
import { cumulativeSum } from './cumulative.js';
import { dilatedConvolutions } from './dilated-convolutions.js';
import { extremes } from './extremes.js';
import { indexed } from './indexed.js';
import { lists } from './lists.js';
import { stridedSlice } from './strided-slice.js';

let corrected = false;

/**
 * Registers gradients with TensorFlow.js that version 4.22 lacks or gets wrong. They are those of dilated convolutions,
 * `cumsum` along an inner axis, and `maximum` and `minimum` with a broadcast operand. Others are those of `gatherND`,
 * `scatterND`, `stridedSlice`, comparisons, and `unstack` and `split` into one tensor. They hold for eager execution too, on
 * every backend. Tracing calls it; eager code that needs them does so itself.
 */
export function correctGradients(): void {
  if (corrected) return;
  corrected = true;
  const configs = [
    ...comparisons,
    ...dilatedConvolutions,
    ...extremes,
    cumulativeSum,
    ...indexed,
    ...lists,
    stridedSlice,
  ];
  for (const config of configs) tf.registerGradient(config);
}
