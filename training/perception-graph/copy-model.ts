import type { Manifest } from '../../models/manifest.js';
import type { LoadedModel } from '../../models/model-store.js';
import { exportModel } from './export-model.js';
import type { TrainableModel } from './load-weights.js';
import { wholeModel } from './whole-model.js';
import type { ModelPlace } from './write-model.js';

/** What a copy's manifest has other than the model's. */
export interface ModelChange {
  readonly input?: Partial<Manifest['input']>;
  readonly classAdjustment?: TrainableModel['classAdjustment'];
  readonly provenance?: Partial<Manifest['provenance']>;
}

/**
 * Writes a copy of a model with its weights as they are, described in part anew. It computes in float.
 * @param loaded the model's weights.
 */
export async function copyModel(
  { folder: source, manifest }: Pick<LoadedModel, 'folder' | 'manifest'>,
  loaded: TrainableModel,
  { folder, overwrite }: ModelPlace,
  { input, classAdjustment = loaded.classAdjustment, provenance }: ModelChange,
): Promise<Manifest> {
  const { name, version, license, depth } = manifest;
  return await exportModel({
    ...{ folder, overwrite, inputs: [[source, 'the model']] },
    ...{ ...wholeModel(loaded, loaded.range), precision: loaded.precision },
    description: {
      ...{ name, version, license, input: { ...manifest.input, ...input }, depth, classAdjustment },
      provenance: { ...manifest.provenance, ...provenance },
    },
  });
}

/** Says in a copy's provenance which command made it; figures of the model are not the copy's. */
export function madeNowBy(
  command: string,
): Pick<Manifest['provenance'], 'command' | 'createdAt' | 'metrics'> {
  return { command, createdAt: new Date().toISOString(), metrics: {} };
}
