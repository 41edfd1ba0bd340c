import * as tf from '@tensorflow/tfjs';
import { type BatchArrays, traceInputs } from '../../datasets/batches/batch-schema.js';
import { TRIPLET_FIELDS } from '../../datasets/batches/triplet-batch.js';
import { inputNormalization } from '../../networks/input-normalization.js';
import { Scope } from '../../networks/scope.js';
import type { HostContext } from '../../runs/host-state.js';
import { compile } from '../../tracer/compile.js';
import { parameterInputs, parameterValues } from '../../weights/parameter-inputs.js';
import type { Parameters } from '../../weights/parameters.js';
import { predictLabels } from './sgdepth-inspection.js';
import type { SgdepthOptions } from './sgdepth-loss.js';

/** trainIds of a batch's frames, [B, H, W] each. */
export type TripletLabels = {
  readonly labels: Int32Array;
  readonly previousLabels: Int32Array;
  readonly nextLabels: Int32Array;
};

export interface Labeller {
  /** @param batch of triplets. */
  label(batch: BatchArrays): Promise<TripletLabels>;
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
  where: Pick<HostContext, 'threads' | 'device'>,
): Promise<Labeller> {
  const used = new Map([...parameters].filter(([name]) => /^(encoder|shared|segmentation)\./.test(name)));
  const { mean, std } = inputNormalization(method.network);
  const seen = ['picture', 'previousPicture', 'nextPicture'] as const;
  const inputs = traceInputs(TRIPLET_FIELDS, { B: size.targets, H: size.height, W: size.width }, seen);
  const compiled = await compile(
    ({ picture: target, previousPicture, nextPicture, ...weights }) => {
      const all = [target, previousPicture, nextPicture] as tf.Tensor4D[]; // as their fields say
      const pictures = tf.concat(all, 0);
      const normalised = pictures.sub(tf.tensor1d([...mean])).div<tf.Tensor4D>(tf.tensor1d([...std]));
      return { labels: predictLabels(Scope.over(weights, false), normalised, method).cast('int32') };
    },
    { ...parameterInputs(used), ...inputs },
    { threads: where.threads, ...(where.device && { device: where.device }) },
  );
  const values = parameterValues(used);
  return {
    label: async (batch) => {
      const outputs = await compiled.run({ ...values, ...batch });
      const all = outputs.labels?.data as Int32Array; // cast above
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
