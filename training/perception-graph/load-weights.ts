import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { disparityRange } from '../../models/manifest.js';
import type { LoadedModel } from '../../models/model-store.js';
import { TrainingError } from '../errors.js';
import type { PoseNetworkOptions } from '../networks/pose-network.js';
import type { SgdepthNetworkOptions } from '../networks/sgdepth-network.js';
import { networkParameters, poseParameters } from '../weights/network-parameters.js';
import { type Parameters, parametersFrom } from '../weights/parameters.js';
import { type DecodedSafetensors, decodeSafetensors } from '../weights/safetensors.js';
import { WEIGHTS_FILE } from '../weights/weights-file.js';
import { type ClassAdjustment, classAdjustmentOf, unadjusted } from './class-adjustment.js';

export interface TrainableModel {
  readonly network: SgdepthNetworkOptions;
  /** Parameters of the depth and the segmentation network, as they were learned: without `classAdjustment`. */
  readonly parameters: Parameters;
  /** What the model adds to the logits of these parameters. */
  readonly classAdjustment: ClassAdjustment | undefined;
  /** The pose network that came with them, if any; nothing here trains it further. */
  readonly pose?: { readonly options: PoseNetworkOptions; readonly parameters: Parameters } | undefined;
  /** How the model's weights are stored. */
  readonly precision: 'F32' | 'F16';
  readonly range: {
    readonly minMeters: number;
    readonly maxMeters: number;
    readonly canonicalFocalPixels: number;
  };
}

type StoredOptions = SgdepthNetworkOptions & { readonly pose?: PoseNetworkOptions };

/**
 * The weights of a model folder, for training.
 * @throws TrainingError when the model is of a kind that cannot be trained further here.
 */
export async function loadWeights({
  folder,
  manifest,
}: Pick<LoadedModel, 'folder' | 'manifest'>): Promise<TrainableModel> {
  const { network, depth, classes, files, input } = manifest;
  const { canonicalFocalPixels } = input;
  const problem =
    network.architecture !== 'sgdepth'
      ? `its network is \`${network.architecture}\``
      : files[WEIGHTS_FILE] === undefined
        ? `its manifest lists no \`${WEIGHTS_FILE}\``
        : !depth.metric
          ? 'its depth is relative'
          : classes.length === 0
            ? 'it has no segmentation'
            : undefined;
  if (problem !== undefined || canonicalFocalPixels === undefined) {
    throw new TrainingError(
      `${folder} cannot be trained further or resized: expected SGDepth's network with metric depth and classes, but ${problem ?? 'it names no canonical focal length'}.`,
      { file: folder },
    );
  }
  const file = decodeSafetensors(await readFile(path.join(folder, WEIGHTS_FILE)), folder);
  const { pose: poseOptions, ...options } = network.options as unknown as StoredOptions; // what exportModel wrote; specs are checked below
  const classAdjustment = classAdjustmentOf(manifest);
  const stored = parametersFrom(file, networkParameters(options), folder);
  const parameters = unadjusted(stored, classAdjustment, classes);
  const [first] = file.tensors.values();
  const { minMeters, maxMeters } = disparityRange(manifest);
  return {
    ...{ network: options, parameters, classAdjustment },
    ...{ range: { minMeters, maxMeters, canonicalFocalPixels } },
    ...(poseOptions && { pose: poseOf(file, poseOptions, folder) }),
    precision: first?.dtype === 'F32' ? 'F32' : 'F16',
  };
}

/** Models that were adapted by older versions have lost it. */
function poseOf(
  file: DecodedSafetensors,
  options: PoseNetworkOptions,
  folder: string,
): TrainableModel['pose'] {
  if (![...file.tensors.keys()].some((name) => /^pose(_encoder)?\./.test(name))) return undefined;
  return { options, parameters: parametersFrom(file, poseParameters(options), folder) };
}
