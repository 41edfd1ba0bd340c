import * as tf from '@tensorflow/tfjs';
import type { TripletBatch } from '../../datasets/batches/joint-batch.js';
import { inputNormalization } from '../../networks/input-normalization.js';
import { Scope } from '../../networks/scope.js';
import { parameterInputs, parameterValues } from '../../runs/parameter-inputs.js';
import { compile, type TraceInput } from '../../tracer/compile.js';
import type { Parameters } from '../../weights/parameters.js';
import type { SgdepthOptions } from './sgdepth.js';
import { predictLabels } from './sgdepth-inspection.js';

/** trainIds of a batch's frames, [B, H, W] each. */
export interface TripletLabels {
  readonly labels: Int32Array;
  readonly previousLabels: Int32Array;
  readonly nextLabels: Int32Array;
}

export interface Labeller {
  label(batch: TripletBatch): Promise<TripletLabels>;
  release(): Promise<void>;
}

/**
 * Labels all frames of a batch by the network in evaluation mode, with its current weights: the masks of eq. 7 and 8. It
 * sees the pictures with their own colours. Source: SGDepth, section 3.3.
 */
export async function compileLabeller(
  parameters: Parameters,
  size: { readonly targets: number; readonly width: number; readonly height: number },
  method: SgdepthOptions,
  threads: number,
): Promise<Labeller> {
  const used = new Map(
    [...parameters].filter(([name]) => name.startsWith('encoder.') || name.startsWith('segmentation.')),
  );
  const picture: TraceInput = {
    shape: [size.targets, size.height, size.width, 3],
    dtype: 'float32',
    layout: 'NCHW',
  };
  const { mean, std } = inputNormalization(method.network);
  const compiled = await compile(
    ({ picture: target, previousPicture, nextPicture, ...weights }) => {
      const pictures = tf.concat([target, previousPicture, nextPicture] as tf.Tensor4D[], 0);
      const normalised = pictures.sub(tf.tensor1d([...mean])).div<tf.Tensor4D>(tf.tensor1d([...std]));
      return { labels: predictLabels(Scope.over(weights, false), normalised, method).cast('int32') };
    },
    { ...parameterInputs(used), picture, previousPicture: picture, nextPicture: picture },
    { threads },
  );
  const values = parameterValues(used);
  return {
    label: async ({ picture: target, previousPicture, nextPicture }) => {
      const outputs = await compiled.run({ ...values, picture: target, previousPicture, nextPicture });
      const all = outputs.labels?.data as Int32Array;
      const each = size.targets * size.height * size.width;
      return {
        labels: all.subarray(0, each),
        previousLabels: all.subarray(each, 2 * each),
        nextLabels: all.subarray(2 * each),
      };
    },
    release: () => compiled.close(),
  };
}
