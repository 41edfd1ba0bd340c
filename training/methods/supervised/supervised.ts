import * as tf from '@tensorflow/tfjs';
import { logDepthLoss } from '../../losses/log-depth-loss.js';
import { weightedCrossEntropy } from '../../losses/weighted-cross-entropy.js';
import { type ParameterSpec, Scope } from '../../networks/scope.js';
import {
  depthHead,
  disparityFromLogits,
  encode,
  type SgdepthNetworkOptions,
  segmentationHead,
} from '../../networks/sgdepth-network.js';

/** SGDepth's networks, both heads supervised: what the simulator's exact truth allows. */
export interface SupervisedOptions {
  readonly network: SgdepthNetworkOptions;
  /** Range of the depth head, metres at the canonical focal length. SGDepth: 0.1..100. */
  readonly minMeters: number;
  readonly maxMeters: number;
  readonly classWeights: readonly number[];
  readonly segmentationWeight: number;
}

/** Symbolic or real tensors of a batch: logical shapes, [B, H, W, C]. */
export interface SupervisedBatch {
  readonly image: tf.Tensor4D;
  /** True disparity, 1/m, at the resolution of the network's outputs. */
  readonly disparity: tf.Tensor4D;
  readonly weight: tf.Tensor4D;
  /** [B, H / 2^s, W / 2^s] int32. */
  readonly labels: tf.Tensor3D;
}

/** The loss of one batch, its parts, and the batch statistics for the running ones. */
export function supervisedLoss(
  parameters: Readonly<Record<string, tf.Tensor>>,
  batch: SupervisedBatch,
  options: SupervisedOptions,
): { loss: tf.Scalar; metrics: Record<string, tf.Scalar>; updates: Record<string, tf.Tensor> } {
  const scope = Scope.over(parameters, true);
  const features = encode(scope, batch.image, options.network);
  const [logits] = depthHead(scope, features, options.network);
  if (logits === undefined) throw new RangeError('the depth head has no output');
  const disparity = disparityFromLogits(logits, options.minMeters, options.maxMeters);
  const depth = logDepthLoss(disparity, batch.disparity, batch.weight);
  const segmentation = weightedCrossEntropy(
    segmentationHead(scope, features, options.network),
    batch.labels,
    options.classWeights,
  );
  return {
    loss: depth.add(segmentation.mul(options.segmentationWeight)),
    metrics: { depth, segmentation },
    updates: scope.updates(),
  };
}

/**
 * Depth part of the network with running statistics.
 * @param image [B, H, W, 3], normalised.
 * @returns `disparity` [B, H / 2^s, W / 2^s, 1] in 1/m at the canonical focal length, s the network's `outputScale`.
 */
export function predictDisparity(
  scope: Scope,
  image: tf.Tensor4D,
  options: Pick<SupervisedOptions, 'network' | 'minMeters' | 'maxMeters'>,
): { disparity: tf.Tensor4D; features: ReturnType<typeof encode> } {
  const features = encode(scope, image, options.network);
  const [logits] = depthHead(scope, features, options.network);
  if (logits === undefined) throw new RangeError('the depth head has no output');
  return { disparity: disparityFromLogits(logits, options.minMeters, options.maxMeters), features };
}

/** Every parameter of the networks, in the order in which they are first used. Run it inside a trace: it computes the whole network. */
export function declareParameters(image: tf.Tensor4D, network: SgdepthNetworkOptions): ParameterSpec[] {
  const specs = new Map<string, ParameterSpec>();
  const scope = new Scope((spec) => {
    specs.set(spec.name, spec);
    return tf.zeros([...spec.shape]);
  }, false);
  const features = encode(scope, image, network);
  depthHead(scope, features, network);
  segmentationHead(scope, features, network);
  return [...specs.values()];
}
