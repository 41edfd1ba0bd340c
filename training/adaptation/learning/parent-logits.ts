import * as tf from '@tensorflow/tfjs';
import { Scope } from '../../networks/scope.js';
import { encode, type SgdepthNetworkOptions, segmentationHead } from '../../networks/sgdepth-network.js';
import { type CompiledFunction, compile } from '../../tracer/compile.js';
import { parameterInputs } from '../../weights/parameter-inputs.js';
import type { Parameters } from '../../weights/parameters.js';
import { viewedLabels } from './viewed-labels.js';

/** What the parent sees, and how it sees it. */
export interface ParentLogitsOptions {
  /** The parent's, without its class adjustment; later changes of them do not matter. */
  readonly parameters: Parameters;
  readonly network: SgdepthNetworkOptions;
  /** Pictures at once; height and width are multiples of 32. */
  readonly sizes: { readonly count: number; readonly width: number; readonly height: number };
  /** Normalisation of the network's input. */
  readonly mean: readonly number[];
  readonly std: readonly number[];
  /** Sides of the views whose answers are averaged (`viewedLabels`); the picture alone, as it is, where left out. */
  readonly views?: readonly number[];
  readonly threads: number;
}

/** The classes' logits by the model under adaptation, as it was before it learned. */
export class ParentLogits {
  readonly #values: Record<string, Float32Array>;
  readonly #compiled: CompiledFunction;

  private constructor(values: Record<string, Float32Array>, compiled: CompiledFunction) {
    this.#values = values;
    this.#compiled = compiled;
  }

  static async create(options: ParentLogitsOptions): Promise<ParentLogits> {
    const { parameters, network, sizes, mean, std, views, threads } = options;
    const step = 2 ** network.outputScale;
    const used = new Map([...parameters].filter(([name]) => /^(encoder|segmentation|shared)\./.test(name)));
    const values = Object.fromEntries([...used].map(([name, { values: own }]) => [name, own.slice()]));
    const compiled = await compile(
      ({ picture, ...weights }) => {
        const scope = Scope.over(weights, false);
        const image = (picture as tf.Tensor4D)
          .sub(tf.tensor1d([...mean]))
          .div<tf.Tensor4D>(tf.tensor1d([...std]));
        const logitsOf = (x: tf.Tensor4D) => segmentationHead(scope, encode(scope, x, network), network);
        const { height, width } = sizes;
        return {
          logits:
            views === undefined
              ? logitsOf(image)
              : viewedLabels(image, views, logitsOf, [height / step, width / step]),
        };
      },
      {
        ...parameterInputs(used),
        picture: { shape: [sizes.count, sizes.height, sizes.width, 3], dtype: 'float32', layout: 'NCHW' },
      },
      { threads, outputLayouts: { logits: 'NCHW' } },
    );
    return new ParentLogits(values, compiled);
  }

  /** @param picture [count, 3, H, W], values 0..1. @returns [count, classes, h, w]. */
  async of(picture: Float32Array): Promise<Float32Array> {
    const { logits } = await this.#compiled.run({ ...this.#values, picture });
    return logits.data as Float32Array; // as every logit
  }

  async close(): Promise<void> {
    await this.#compiled.close();
  }
}
