import type { Manifest } from '../../../models/manifest.js';
import { inputNormalization } from '../../networks/input-normalization.js';
import { exportModel } from '../../perception-graph/export-model.js';
import type { ModelPlace } from '../../perception-graph/write-model.js';
import type { RunState } from '../../runs/run-state.js';
import { modelLicense } from '../../weights/published/model-license.js';
import { networkOf } from './run-network.js';
import { canonicalFocalPixels, commandOf, type RunOptions, stageOf } from './run-options.js';
import { FAR_METERS, MAX_METERS, MIN_METERS } from './supervised-run.js';

/**
 * Exports a run's state as a model folder.
 * @param pixels how many pixels the exported network sees; by default those of the stage that it was last trained at. The
 * canonical focal length is that of the training in any case: depth follows the size of things in pixels.
 */
export async function exportRun({
  folder,
  overwrite,
  inputs,
  name,
  precision,
  options,
  state,
  pixels,
}: ModelPlace & {
  name: string;
  precision: 'F32' | 'F16';
  options: RunOptions;
  state: RunState;
  pixels?: number;
}): Promise<Manifest> {
  const { width, height } = stageOf(options, state.step);
  const network = networkOf(options);
  const { mean, std } = inputNormalization(network);
  return exportModel({
    ...{ folder, overwrite, ...(inputs && { inputs }) },
    parameters: state.parameters,
    network,
    precision,
    description: {
      name,
      version: 0,
      license: modelLicense(options.encoder),
      input: {
        pixels: pixels ?? width * height,
        multiple: 32,
        mean: [...mean],
        std: [...std],
        canonicalFocalPixels: canonicalFocalPixels(width),
      },
      depth: {
        kind: 'disparity',
        metric: true,
        minMeters: MIN_METERS,
        maxMeters: MAX_METERS,
        farMeters: FAR_METERS,
      },
      provenance: {
        method: 'supervised (networks of SGDepth)',
        data: `simulator, domain ${options.domain}, ${options.samples} snapshots of ${options.sampleWidth}x${options.sampleHeight}`,
        seed: options.seed,
        steps: state.step,
        trainedSeconds: Math.round(state.trainedSeconds),
        command: commandOf(options),
        ...(options.parent === undefined ? {} : { parent: options.parent }),
        ...(options.encoder === undefined ? {} : { encoder: options.encoder }),
        createdAt: new Date().toISOString(),
        metrics: state.metrics,
      },
    },
  });
}
