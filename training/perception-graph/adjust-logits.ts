import type { Manifest } from '../../models/manifest.js';
import type { LoadedModel } from '../../models/model-store.js';
import { TrainingError } from '../errors.js';
import { exportModel } from './export-model.js';
import { loadWeights } from './load-weights.js';
import { wholeModel } from './whole-model.js';
import type { ModelPlace } from './write-model.js';

/** Name of the bias of the segmentation decoder's last convolution, one value a class. */
const LOGITS_BIAS = 'segmentation.logits.bias';

/**
 * Writes a copy of a model that chooses some classes more or less readily: to the logit of each named class its value is
 * added, before the largest is taken. Depth stays bit for bit.
 *
 * Training weighs rare classes up, so that they are learned at all (eq. 5 of SGDepth); on a street they are then seen where
 * they are not. Moving the logits back is the Bayes-optimal answer to such weights.
 * Source: Menon et al. 2021, "Long-tail learning via logit adjustment", section 4.1.
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
  const { parameters, network } = wholeModel(loaded, range);
  const bias = parameters.get(LOGITS_BIAS);
  const names = manifest.classes.map((entry) => entry.name);
  if (bias === undefined || bias.values.length !== names.length)
    throw new TrainingError(
      `${source}: expected one logit bias for each of the ${names.length} classes of the manifest.`,
    );
  const values = Float32Array.from(bias.values);
  for (const [name, value] of added) {
    const index = names.indexOf(name);
    if (index < 0)
      throw new TrainingError(
        `${source} has no class \`${name}\`; it has ${names.map((each) => `\`${each}\``).join(', ')}.`,
      );
    values[index] = (values[index] ?? 0) + value;
  }
  const { name, version, license, input, depth, provenance } = manifest;
  const said = [...added].map(([each, value]) => `${each} ${value > 0 ? '+' : ''}${value}`).join(', ');
  return await exportModel({
    ...{ folder, overwrite, inputs: [[source, 'a model'] as const], precision },
    parameters: new Map(parameters).set(LOGITS_BIAS, { ...bias, values }),
    network,
    description: {
      ...{ name, version, license, input, depth },
      provenance: {
        ...provenance,
        ...{ command, createdAt: new Date().toISOString(), metrics: {} },
        method: `${provenance.method}; logits adjusted: ${said}`,
      },
    },
  });
}
