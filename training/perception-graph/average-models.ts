import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { Manifest } from '../../models/manifest.js';
import type { LoadedModel } from '../../models/model-store.js';
import { TrainingError } from '../errors.js';
import type { Parameters } from '../weights/parameters.js';
import { adjustmentText, mixedAdjustment, withoutOldNote } from './class-adjustment.js';
import { madeNowBy } from './copy-model.js';
import { exportModel } from './export-model.js';
import { loadWeights } from './load-weights.js';
import { wholeModel } from './whole-model.js';
import type { ModelPlace } from './write-model.js';

/**
 * Writes the model whose every weight is the mean of those of several models. Models may be trained one from another, on
 * different samples or to different ends. Their means see unknown places better than each of them does.
 *
 * The means of batch normalisation's statistics are not quite the statistics of the mean weights. Where the models lie far
 * apart, some steps of training from this model on have to measure them again. Where the classes were adjusted, the mean is
 * that of the learned weights, adjusted by the mean of the adjustments. The bias is added, so both are exact. A model that
 * was not adjusted counts with 0. Source: Wortsman et al. 2022, "Model soups"; Izmailov et al. 2018 (SWA), section 3.2, on
 * the statistics.
 *
 * @param models at least two; the last one's description is kept.
 * @param command for the manifest.
 * @param warn is told when the mean's metres or classes have to be measured.
 * @throws TrainingError when they have not the same network and range of depth.
 */
export async function averageModels(
  models: readonly LoadedModel[],
  { folder, overwrite }: ModelPlace,
  command: string,
  warn: (text: string) => void,
): Promise<Manifest> {
  const last = models.at(-1);
  if (last === undefined || models.length < 2)
    throw new TrainingError(`expected \`at least two models\` to average, got ${models.length}.`);
  const { name, version, license, input, depth, provenance } = last.manifest;
  for (const { folder: other, manifest } of models) {
    for (const key of ['network', 'depth', 'classes'] as const) {
      if (isDeepStrictEqual(manifest[key], last.manifest[key])) continue;
      throw new TrainingError(
        `${other}: its \`${key}\` is not that of ${last.folder}; only models of one network have a mean.`,
      );
    }
    if (manifest.input.canonicalFocalPixels !== input.canonicalFocalPixels)
      warn(
        `${other} has its metres at another focal length (\`canonicalFocalPixels\` ${manifest.input.canonicalFocalPixels}, ` +
          `${last.folder} has ${input.canonicalFocalPixels}): the mean's metres lie between. Measure them before you use it (evaluate --median-scaling off).`,
      );
  }
  const all = await Promise.all(models.map(loadWeights));
  // A pose network has a mean where all of them have one.
  const loaded = all.every(({ pose }) => pose !== undefined)
    ? all
    : all.map((model) => ({ ...model, pose: undefined }));
  const { range, precision, ...described } = loaded[loaded.length - 1] as (typeof loaded)[number]; // at least two
  const { network } = wholeModel(described, range);
  const adjustments = all.map(({ classAdjustment }) => classAdjustment);
  const classAdjustment = mixedAdjustment(
    adjustments,
    all.map(() => 1 / all.length),
  );
  if (
    classAdjustment !== undefined &&
    adjustments.some((each) => !isDeepStrictEqual(each ?? {}, adjustments[0] ?? {}))
  )
    warn(
      `the classes of these models were adjusted differently: the mean has the mean of it (${adjustmentText(classAdjustment) || 'nothing'}).`,
    );
  return await exportModel({
    ...{ folder, overwrite, inputs: models.map((model) => [model.folder, 'a model'] as const) },
    ...{ parameters: mean(loaded.map((model) => wholeModel(model, range).parameters)), precision },
    network,
    description: {
      ...{ name, version, license, input, depth, classAdjustment },
      provenance: {
        ...{ ...provenance, ...madeNowBy(command) },
        method: `mean of ${models.length} models (${withoutOldNote(provenance.method)})`,
        data: distinct(models.map(({ manifest }) => manifest.provenance.data)),
        parent: distinct(models.map((model) => path.basename(model.folder))),
      },
    },
  });
}

function distinct(texts: readonly string[]): string {
  return [...new Set(texts)].join('; ');
}

/** Summed in double precision. */
function mean(all: readonly Parameters[]): Parameters {
  const [first] = all;
  return new Map(
    [...(first ?? new Map())].map(([name, { spec, values }]) => {
      const others = all.map((parameters) => parameters.get(name)?.values);
      const sums = Float64Array.from({ length: values.length }, (_, i) =>
        others.reduce((sum, each) => sum + (each?.[i] ?? Number.NaN), 0),
      );
      return [name, { spec, values: Float32Array.from(sums, (sum) => sum / all.length) }];
    }),
  );
}
