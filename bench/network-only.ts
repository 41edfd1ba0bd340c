import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type * as tf from '@tensorflow/tfjs';
import { disparityRange } from '../models/manifest.js';
import { loadModel } from '../models/model-store.js';
import { Scope } from '../training/networks/scope.js';
import {
  predictDisparity,
  type SgdepthNetworkOptions,
  segmentationHead,
} from '../training/networks/sgdepth-network.js';
import { GraphBuilder } from '../training/onnx/graph-builder.js';
import { traceInto } from '../training/tracer/trace-into.js';
import { networkParameters } from '../training/weights/network-parameters.js';
import { parametersFrom, storedShape } from '../training/weights/parameters.js';
import { decodeSafetensors } from '../training/weights/safetensors.js';

/** The network of a model alone: normalised pixels of a fixed size in, disparity and class logits out. */
export interface NetworkOnly {
  readonly onnx: Uint8Array;
  readonly height: number;
  readonly width: number;
}

/**
 * Takes the network out of a model folder, at the size that the perception graph would choose for a camera image.
 * @param imageHeight, imageWidth of the camera, with square pixels.
 */
export async function networkOnly(
  modelFolder: string,
  imageHeight: number,
  imageWidth: number,
): Promise<NetworkOnly> {
  const { manifest } = await loadModel(modelFolder);
  const { pixels, multiple } = manifest.input;
  const ideal = Math.sqrt(pixels / (imageWidth * imageHeight));
  const toMultiple = (extent: number) => Math.max(1, Math.round((extent * ideal) / multiple)) * multiple;
  const width = toMultiple(imageWidth);
  const height = toMultiple(imageHeight);

  const network = manifest.network.options as unknown as SgdepthNetworkOptions;
  const { minMeters, maxMeters } = disparityRange(manifest);
  const file = path.join(modelFolder, 'weights.safetensors');
  const stored = decodeSafetensors(await readFile(file), file);
  const g = new GraphBuilder('network');
  const image = g.input('image', 'float32', [1, 3, height, width]);
  const weights = [...parametersFrom(stored, networkParameters(network), file)].map(
    ([name, { spec, values }]) => {
      const value = g.constant(values, 'float32', [...storedShape(spec.shape)], name);
      const layout = spec.shape.length === 4 ? ('OIHW' as const) : ('logical' as const);
      return [name, { value, shape: [...spec.shape], dtype: 'float32' as const, layout }] as const;
    },
  );
  const outputs = traceInto(
    g,
    ({ image: pixelsIn, ...parameters }: Record<string, tf.Tensor>) => {
      const scope = Scope.over(parameters, false);
      const options = { network, minMeters, maxMeters };
      const { disparity, features } = predictDisparity(scope, pixelsIn as tf.Tensor4D, options);
      return { disparity, logits: segmentationHead(scope, features, network) };
    },
    {
      image: { value: image, shape: [1, height, width, 3], dtype: 'float32', layout: 'NCHW' },
      ...Object.fromEntries(weights),
    },
  );
  for (const [name, output] of Object.entries(outputs)) {
    g.output(name, output.value('NCHW'), 'float32', nchw(output.shape));
  }
  return { onnx: g.toModel(), height, width };
}

function nchw([batch = 1, height = 1, width = 1, channels = 1]: readonly number[]): number[] {
  return [batch, channels, height, width];
}
