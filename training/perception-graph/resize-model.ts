import type { Manifest } from '../../models/manifest.js';
import type { LoadedModel } from '../../models/model-store.js';
import { TrainingError } from '../errors.js';
import { copyModel } from './copy-model.js';
import { loadWeights } from './load-weights.js';
import type { ModelPlace } from './write-model.js';

/**
 * Writes a copy of a model whose network sees another number of pixels: fewer are faster, more show far things larger.
 * It is best near the size that it was trained at. Weights and canonical focal length stay as they are: depth follows the
 * size of things in network pixels.
 * @throws TrainingError for a model whose network is not of this project's kind, and for too few pixels.
 */
export async function resizeModel(model: LoadedModel, place: ModelPlace, pixels: number): Promise<Manifest> {
  const least = (2 * model.manifest.input.multiple) ** 2;
  if (!Number.isSafeInteger(pixels) || pixels < least) {
    throw new TrainingError(`expected \`pixels\` of at least ${least}, got ${pixels}.`, { field: 'pixels' });
  }
  return await copyModel(model, await loadWeights(model), place, { input: { pixels } });
}
