import type { Manifest } from '../../models/manifest.js';
import type { LoadedModel } from '../../models/model-store.js';
import { TrainingError } from '../errors.js';
import { copyModel, madeNowBy } from './copy-model.js';
import { loadWeights } from './load-weights.js';
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
  place: ModelPlace,
  factor: number,
  command: string,
): Promise<Manifest> {
  if (!(factor >= LEAST && factor <= MOST))
    throw new TrainingError(`expected \`--factor\` from ${LEAST} to ${MOST}, got ${factor}.`, {
      field: 'factor',
    });
  const loaded = await loadWeights(model);
  return await copyModel(model, loaded, place, {
    input: { canonicalFocalPixels: loaded.range.canonicalFocalPixels / factor },
    provenance: madeNowBy(command),
  });
}
