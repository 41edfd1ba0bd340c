import type { Manifest } from '../../models/manifest.js';
import { TrainingError } from '../errors.js';
import { exportModel } from '../perception-graph/export-model.js';
import type { ModelPlace } from '../perception-graph/write-model.js';
import { modelLicense } from '../weights/published/model-license.js';
import { commandOf } from './complete-options.js';
import type { Method } from './method.js';
import type { RunOptions } from './run-options.js';
import type { RunState } from './run-state.js';

export interface ExportRunOptions extends ModelPlace {
  readonly method: Method;
  readonly name: string;
  /** How the weights are stored. */
  readonly precision: 'F32' | 'F16';
  readonly options: RunOptions;
  readonly state: RunState;
  /** How many pixels the exported network sees; by default as it was trained last. */
  readonly pixels?: number | undefined;
}

/** Exports a run's state as a model folder. @throws TrainingError for `pixels` of a model that keeps its size. */
export async function exportRun(run: ExportRunOptions): Promise<Manifest> {
  const { method, name, precision, options, state, pixels, ...place } = run;
  const inference = method.inference(options, state.facts, state.step);
  if (inference === undefined) {
    throw new TrainingError(
      `A run of \`train ${method.name}\` with these options gives no model to export; its weights are for \`--init\` of another run.`,
    );
  }
  const { network, input, depth, fixedSize } = inference;
  if (pixels !== undefined && fixedSize !== undefined)
    throw new TrainingError(`--pixels: ${fixedSize}`, { field: '--pixels' });
  const { folder, overwrite, inputs } = place;
  return exportModel({
    ...{ folder, overwrite, ...(inputs && { inputs }), parameters: state.parameters, network, precision },
    description: {
      ...{ name, version: 0, license: modelLicense(options.encoder) },
      input: { ...input, ...(pixels !== undefined && { pixels }) },
      depth,
      classAdjustment: network.classes > 0 ? state.classAdjustment : undefined,
      provenance: {
        ...method.provenance(options),
        seed: options.seed,
        steps: state.step,
        trainedSeconds: Math.round(state.trainedSeconds),
        command: commandOf(method, options),
        ...(options.parent === undefined ? {} : { parent: options.parent }),
        ...(options.encoder === undefined ? {} : { encoder: options.encoder }),
        createdAt: new Date().toISOString(),
        metrics: state.metrics,
      },
    },
  });
}
