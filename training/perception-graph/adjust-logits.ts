import type { Manifest } from '../../models/manifest.js';
import type { LoadedModel } from '../../models/model-store.js';
import { TrainingError } from '../errors.js';
import { addedAdjustments, withoutOldNote } from './class-adjustment.js';
import { copyModel, madeNowBy } from './copy-model.js';
import { loadWeights } from './load-weights.js';
import type { ModelPlace } from './write-model.js';

/**
 * Writes a copy of a model that chooses some classes more or less readily. To the logit of each named class its value is
 * added, before the largest is taken. Depth stays bit for bit.
 *
 * Training weighs rare classes up, so that they are learned at all (eq. 5 of SGDepth). On a street they are then seen where
 * they are not. Moving the logits back is the Bayes-optimal answer to such weights. The manifest has the sum of all such
 * additions (`classAdjustment`): who trains the copy further learns without them and writes them again. Source: Menon et al.
 * 2021, "Long-tail learning via logit adjustment", section 4.1.
 *
 * @param added by class name; what is added to the logit, in nats: -1 makes a class e times less likely.
 * @throws TrainingError when the model has no such class, or no classes of its own.
 */
export async function adjustLogits(
  model: LoadedModel,
  added: ReadonlyMap<string, number>,
  place: ModelPlace,
  command: string,
): Promise<Manifest> {
  const { folder, manifest } = model;
  const loaded = await loadWeights(model);
  const names = manifest.classes.map((entry) => entry.name);
  const unknown = [...added.keys()].find((each) => !names.includes(each));
  if (unknown !== undefined)
    throw new TrainingError(
      `${folder} has no class \`${unknown}\`; it has ${names.map((each) => `\`${each}\``).join(', ')}.`,
    );
  return await copyModel(model, loaded, place, {
    classAdjustment: addedAdjustments(loaded.classAdjustment, Object.fromEntries(added)),
    provenance: { ...madeNowBy(command), method: withoutOldNote(manifest.provenance.method) },
  });
}
