import type { Manifest } from '../../models/manifest.js';
import { exportModel } from '../export-model.js';
import { IMAGENET_MEAN, IMAGENET_STD } from '../networks/normalization.js';
import { COMPACT_NETWORK, PAPER_NETWORK } from '../networks/sgdepth-network.js';
import { canonicalFocalPixels, type RunOptions } from './run-options.js';
import type { RunState } from './run-state.js';
import { FAR_METERS, MAX_METERS, MIN_METERS } from './supervised-run.js';

/** Exports a finished run as a model folder; the network runs at the size of the last stage. */
export async function exportRun({
  folder,
  name,
  precision,
  options,
  state,
  command,
}: {
  folder: string;
  name: string;
  precision: 'F32' | 'F16';
  options: RunOptions;
  state: RunState;
  command: string;
}): Promise<Manifest> {
  const last = options.stages[options.stages.length - 1];
  const { width, height } = last ?? { width: 0, height: 0 };
  return exportModel({
    folder,
    parameters: state.parameters,
    network: options.preset === 'paper' ? PAPER_NETWORK : COMPACT_NETWORK,
    precision,
    description: {
      name,
      version: 0,
      license: 'Apache-2.0',
      input: {
        pixels: width * height,
        multiple: 32,
        mean: [...IMAGENET_MEAN],
        std: [...IMAGENET_STD],
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
        command,
        createdAt: new Date().toISOString(),
        metrics: state.metrics,
      },
    },
  });
}
