import * as tf from '@tensorflow/tfjs';
import { type PoseNetworkOptions, poseNetwork } from '../networks/pose-network.js';
import { type ParameterSpec, Scope } from '../networks/scope.js';
import { declareNetworks, type SgdepthNetworkOptions } from '../networks/sgdepth-network.js';
import { GraphBuilder } from '../onnx/graph-builder.js';
import { traceInto } from '../tracer/trace-into.js';

/** Every parameter of SGDepth's depth and segmentation networks. */
export function networkParameters(network: SgdepthNetworkOptions): ParameterSpec[] {
  return declaredParameters((scope, image) => declareNetworks(scope, image, network));
}

/** Every parameter of a pose network. */
export function poseParameters(pose: PoseNetworkOptions): ParameterSpec[] {
  return declaredParameters((scope, image) => void poseNetwork(scope, image, image, pose));
}

/** What `declare` asks its scope for, in that order, found by tracing it once for an image [1, 64, 64, 3]. */
export function declaredParameters(declare: (scope: Scope, image: tf.Tensor4D) => void): ParameterSpec[] {
  const g = new GraphBuilder('declaration');
  const image = g.input('image', 'float32', [1, 3, 64, 64]);
  const specs = new Map<string, ParameterSpec>();
  const scope = new Scope((spec) => {
    specs.set(spec.name, spec);
    return tf.zeros([...spec.shape]);
  }, false);
  traceInto(g, {
    fn: (inputs) => {
      declare(scope, inputs.image as tf.Tensor4D); // of the shape below
      return {};
    },
    inputs: { image: { value: image, shape: [1, 64, 64, 3], dtype: 'float32', layout: 'NCHW' } },
  });
  return [...specs.values()];
}
