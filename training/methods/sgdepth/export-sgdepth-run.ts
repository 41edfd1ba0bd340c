import type { Manifest } from '../../../models/manifest.js';
import { inputNormalization } from '../../networks/input-normalization.js';
import { exportModel } from '../../perception-graph/export-model.js';
import type { ModelPlace } from '../../perception-graph/write-model.js';
import type { RunState } from '../../runs/run-state.js';
import { modelLicense } from '../../weights/published/model-license.js';
import { methodOf, type SgdepthRunOptions, sgdepthCommand } from './sgdepth-options.js';

/** Share of the depth head's range beyond which an exported model reports that something is too far to tell. */
const FAR_SHARE = 0.9;

/**
 * Exports a run's state as a model folder. Its depth is relative: self-supervision from one camera knows no metres.
 * @param precision how the weights are stored.
 */
export function exportSgdepthRun({
  folder,
  overwrite,
  inputs,
  name,
  precision,
  options,
  state,
}: ModelPlace & {
  name: string;
  precision: 'F32' | 'F16';
  options: SgdepthRunOptions;
  state: RunState;
}): Promise<Manifest> {
  const { network, pose, minMeters, maxMeters } = methodOf(
    options,
    options.source === undefined ? undefined : [],
  );
  const { mean, std } = inputNormalization(network);
  const [focalPixels] = state.memory.focalPixels ?? [];
  return exportModel({
    ...{ folder, overwrite, ...(inputs && { inputs }), precision, pose, parameters: state.parameters },
    network: options.source === undefined ? { ...network, classes: 0 } : network,
    description: {
      name,
      version: 0,
      license: modelLicense(options.encoder),
      input: {
        pixels: options.width * options.height,
        multiple: 32,
        mean: [...mean],
        std: [...std],
        ...(focalPixels === undefined ? {} : { canonicalFocalPixels: focalPixels }),
      },
      depth: { kind: 'disparity', metric: false, minMeters, maxMeters, farMeters: FAR_SHARE * maxMeters },
      provenance: {
        method: 'sgdepth, self-supervised',
        data: `target ${options.target}${options.source === undefined ? '' : `, source ${options.source}`}`,
        seed: options.seed,
        steps: state.step,
        trainedSeconds: Math.round(state.trainedSeconds),
        command: sgdepthCommand(options),
        ...(options.parent === undefined ? {} : { parent: options.parent }),
        ...(options.encoder === undefined ? {} : { encoder: options.encoder }),
        createdAt: new Date().toISOString(),
        metrics: state.metrics,
      },
    },
  });
}
