import type * as tf from '@tensorflow/tfjs';
import type { Intrinsics } from '../../../msgs/camera/intrinsics.js';
import type { BatchOptions } from '../../datasets/batches/batch.js';
import { upsampleBilinear } from '../../geometry/upsample-bilinear.js';
import { Scope } from '../../networks/scope.js';
import { predictDisparity } from '../../networks/sgdepth-network.js';
import { type CompiledFunction, compile } from '../../tracer/compile.js';
import { parameterInputs, parameterValues } from '../../weights/parameter-inputs.js';
import type { Parameters } from '../../weights/parameters.js';
import type { SgdepthAdaptationOptions } from './sgdepth-adaptation.js';

/** Depth of single pictures by weights that are in training. */
export class DepthPredictor {
  readonly #parameters: Parameters;
  readonly #batch: BatchOptions;
  readonly #compiled: CompiledFunction;

  private constructor(parameters: Parameters, batch: BatchOptions, compiled: CompiledFunction) {
    this.#parameters = parameters;
    this.#batch = batch;
    this.#compiled = compiled;
  }

  static async create(
    parameters: Parameters,
    method: Pick<SgdepthAdaptationOptions, 'network' | 'minMeters' | 'maxMeters'>,
    batch: BatchOptions,
    threads: number,
  ): Promise<DepthPredictor> {
    const used = new Map([...parameters].filter(([name]) => !name.startsWith('segmentation.')));
    const compiled = await compile(
      ({ image, ...weights }) => {
        const picture = image as tf.Tensor4D; // of the shape below
        const { disparity } = predictDisparity(Scope.over(weights, false), picture, method);
        return { disparity: upsampleBilinear(disparity, batch.targetStep) };
      },
      {
        ...parameterInputs(used),
        image: { shape: [1, batch.height, batch.width, 3], dtype: 'float32', layout: 'NCHW' },
      },
      { threads, outputLayouts: { disparity: 'NCHW' } },
    );
    return new DepthPredictor(used, batch, compiled);
  }

  /** @param rgb [H, W, 3]. @returns metres [H, W]; the sky is as far as the network's range goes, not infinite. */
  async depth(rgb: Uint8Array, { fx }: Intrinsics): Promise<Float32Array> {
    const { width, height, mean, std, canonicalFocalPixels } = this.#batch;
    const plane = width * height;
    const image = new Float32Array(3 * plane);
    for (let i = 0; i < plane; i++) {
      for (let c = 0; c < 3; c++) image[c * plane + i] = (rgb[3 * i + c] / 255 - mean[c]) / std[c];
    }
    const outputs = await this.#compiled.run({ ...parameterValues(this.#parameters), image });
    const disparity = outputs.disparity.data as Float32Array; // as the network computes
    return disparity.map((value) => fx / (canonicalFocalPixels * value));
  }

  async close(): Promise<void> {
    await this.#compiled.close();
  }
}
