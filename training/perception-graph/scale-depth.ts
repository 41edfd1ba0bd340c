import type { Manifest } from '../../models/manifest.js';
import type { LoadedModel } from '../../models/model-store.js';
import { TrainingError } from '../errors.js';
import { exportModel } from './export-model.js';
import { loadWeights } from './load-weights.js';
import { wholeModel } from './whole-model.js';
import type { ModelPlace } from './write-model.js';

/** Beyond these a unit was mistaken, or the model is none for this camera. */
const [LEAST, MOST] = [0.1, 10];

/**
 * Writes a copy of a model whose depths are so many times as large. Weights stay as they are: a depth is the network's times
 * the focal length over the canonical one, and the canonical one is divided by the factor. So training goes on from the copy
 * with the same metres.
 * @param factor true / predicted metres, 0.1 to 10. @param command what made it, for the manifest.
 * @throws TrainingError for another factor, and for a network that is not of this project's kind.
 */
export async function scaleDepth(
  model: LoadedModel,
  { folder, overwrite }: ModelPlace,
  factor: number,
  command: string,
): Promise<Manifest> {
  const { name, version, license, input, depth, provenance } = model.manifest;
  if (!(factor >= LEAST && factor <= MOST))
    throw new TrainingError(`expected \`--factor\` from ${LEAST} to ${MOST}, got ${factor}.`, {
      field: 'factor',
    });
  const loaded = await loadWeights(model);
  const canonicalFocalPixels = loaded.range.canonicalFocalPixels / factor;
  const range = { ...loaded.range, canonicalFocalPixels };
  return exportModel({
    ...{ folder, overwrite, inputs: [[model.folder, 'the model']] },
    ...{ ...wholeModel(loaded, range), precision: loaded.precision },
    description: {
      ...{ name, version, license, input: { ...input, canonicalFocalPixels }, depth },
      provenance: { ...provenance, command, createdAt: new Date().toISOString(), metrics: {} },
      classAdjustment: loaded.classAdjustment,
    },
  });
}
