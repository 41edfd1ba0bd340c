import { supervised } from '../training/methods/supervised/supervised.js';
import { completeOptions } from '../training/runs/complete-options.js';
import { exportRun } from '../training/runs/export-run.js';
import { definitionOf } from '../training/runs/run-definition.js';
import { RunState } from '../training/runs/run-state.js';

/** Exports the compact network with its starting weights: as fast as a trained one, for machines without one. */
export async function untrainedModel(folder: string): Promise<string> {
  const options = completeOptions(supervised, {
    stages: [{ width: 640, height: 192, steps: 1 }],
  } as object);
  const state = await RunState.open(`${folder}.checkpoint`, definitionOf(supervised, options));
  await exportRun({
    ...{ method: supervised, folder, overwrite: true, name: 'untrained', precision: 'F32', options, state },
  });
  return folder;
}
