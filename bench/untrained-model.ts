import { exportRun } from '../training/methods/supervised/export-run.js';
import { parseRunOptions } from '../training/methods/supervised/run-options.js';
import { supervisedDefinition } from '../training/methods/supervised/supervised-definition.js';
import { RunState } from '../training/runs/run-state.js';

/** Exports the compact network with its starting weights: as fast as a trained one, for machines without one. */
export async function untrainedModel(folder: string): Promise<string> {
  const options = parseRunOptions(
    {
      domain: 'town-clean',
      seed: 1,
      samples: 2,
      validation: 1,
      sampleWidth: 704,
      sampleHeight: 224,
      batchSize: 1,
      stages: [{ width: 640, height: 192, steps: 1 }],
      learningRate: 1e-3,
      weightDecay: 1e-4,
      segmentationWeight: 0.1,
      preset: 'compact',
    },
    'the benchmark',
  );
  const state = await RunState.open(`${folder}.checkpoint`, supervisedDefinition(options));
  await exportRun({
    folder,
    name: 'untrained',
    precision: 'F32',
    options,
    state,
  });
  return folder;
}
