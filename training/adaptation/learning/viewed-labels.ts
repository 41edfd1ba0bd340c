import * as tf from '@tensorflow/tfjs';
import { logProbabilities } from '../../ops/log-probabilities.js';

/** Sides of the views, as shares of the picture's; the network sees each as it is and in the mirror. */
export const VIEW_SIDES: readonly number[] = [0.75, 1.5];

/** The encoder halves a picture five times. */
const MULTIPLE = 32;

/**
 * What a network says of a picture in several sizes, each with its mirror image: the mean of the logarithms of the classes'
 * probabilities. A constant that is added to a class's logit in every view is added to the mean, up to what all classes
 * share. So a model's class adjustment may be taken out before or after.
 * @param image [B, H, W, 3]. @param sides of the views, as shares of the picture's; rounded to multiples of 32 pixels.
 * @param logitsOf the network, for a picture of any of these sizes. @param size of the answer, [h, w].
 * @returns [B, h, w, C]; not normalised, as logits are.
 * Source: Radosavovic et al. 2018, "Data distillation: towards omni-supervised learning", section 3.
 */
export function viewedLabels(
  image: tf.Tensor4D,
  sides: readonly number[],
  logitsOf: (view: tf.Tensor4D) => tf.Tensor4D,
  size: [number, number],
): tf.Tensor4D {
  const [count, height, width] = image.shape;
  const side = (length: number) => Math.max(1, Math.round(length / MULTIPLE)) * MULTIPLE;
  const each = sides.map((share) => {
    const view = resized(image, [side(share * height), side(share * width)]);
    const both = resized(logProbabilities(logitsOf(tf.concat([view, tf.reverse(view, 2)], 0))), size);
    const [h, w, classes] = [...size, both.shape[3]];
    const plain = tf.slice4d(both, [0, 0, 0, 0], [count, h, w, classes]);
    const inMirror = tf.slice4d(both, [count, 0, 0, 0], [count, h, w, classes]);
    return plain.add<tf.Tensor4D>(tf.reverse(inMirror, 2));
  });
  return tf.addN(each).div(2 * sides.length);
}

function resized(x: tf.Tensor4D, size: [number, number]): tf.Tensor4D {
  const [, height, width] = x.shape;
  if (height === size[0] && width === size[1]) return x;
  return tf.image.resizeBilinear(x, size, false, true);
}
