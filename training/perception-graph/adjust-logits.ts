import type { Manifest } from '../../models/manifest.js';
import type { LoadedModel } from '../../models/model-store.js';
import { TrainingError } from '../errors.js';
import { addedAdjustments, withoutOldNote } from './class-adjustment.js';
import { exportModel } from './export-model.js';
import { loadWeights } from './load-weights.js';
import { wholeModel } from './whole-model.js';
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
  { folder: source, manifest, ...model }: LoadedModel,
  added: ReadonlyMap<string, number>,
  { folder, overwrite }: ModelPlace,
  command: string,
): Promise<Manifest> {
  const loaded = await loadWeights({ folder: source, manifest, ...model });
  const { range, precision } = loaded;
  const names = manifest.classes.map((entry) => entry.name);
  const unknown = [...added.keys()].find((each) => !names.includes(each));
  if (unknown !== undefined)
    throw new TrainingError(
      `${source} has no class \`${unknown}\`; it has ${names.map((each) => `\`${each}\``).join(', ')}.`,
    );
  const { name, version, license, input, depth, provenance } = manifest;
  return await exportModel({
    ...{ folder, overwrite, inputs: [[source, 'a model'] as const], precision },
    ...wholeModel(loaded, range),
    description: {
      ...{ name, version, license, input, depth },
      classAdjustment: addedAdjustments(loaded.classAdjustment, Object.fromEntries(added)),
      provenance: {
        ...provenance,
        ...{ command, createdAt: new Date().toISOString(), metrics: {} },
        method: withoutOldNote(provenance.method),
      },
    },
  });
}
