import type * as tf from '@tensorflow/tfjs';
import { declareParameters } from '../methods/supervised/supervised.js';
import type { ParameterSpec } from '../networks/scope.js';
import type { SgdepthNetworkOptions } from '../networks/sgdepth-network.js';
import { GraphBuilder } from '../onnx/graph-builder.js';
import { traceInto } from '../tracer/trace-into.js';

/** Every parameter of the depth and segmentation networks. */
export function networkParameters(network: SgdepthNetworkOptions): ParameterSpec[] {
  return declaredParameters((image) => declareParameters(image, network));
}

/** What `declare` gives for an image, found by tracing it once at a small size. */
export function declaredParameters(declare: (image: tf.Tensor4D) => ParameterSpec[]): ParameterSpec[] {
  const g = new GraphBuilder('declaration');
  const image = g.input('image', 'float32', [1, 3, 64, 64]);
  let specs: ParameterSpec[] = [];
  traceInto(
    g,
    (inputs) => {
      specs = declare(inputs.image as tf.Tensor4D);
      return {};
    },
    { image: { value: image, shape: [1, 64, 64, 3], dtype: 'float32', layout: 'NCHW' } },
  );
  return specs;
}
