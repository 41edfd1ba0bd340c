import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { loadModel, MANIFEST_FILE } from '../../models/model-store.js';
import { TrainingError } from '../errors.js';
import type { ParameterSpec } from '../networks/scope.js';
import {
  adjustmentText,
  type ClassAdjustment,
  classAdjustmentOf,
  LOGITS_BIAS,
  unadjusted,
} from '../perception-graph/class-adjustment.js';
import { parametersFrom, storedShape } from '../weights/parameters.js';
import { decodeSafetensors } from '../weights/safetensors.js';
import { WEIGHTS_FILE } from '../weights/weights-file.js';
import { hasCheckpoint, readCheckpoint } from './checkpoint.js';
import { checkpointAdjustment, type RunStart, STATE_FILE } from './run-state.js';

export interface StartingNetworks {
  /** Names of the method's networks. */
  readonly networks: readonly string[];
  /** Those that are taken; all that are there where left out. */
  readonly parts?: readonly string[] | undefined;
  /** Those that have to be there, whole. */
  readonly required?: readonly string[];
}

/**
 * The weights in a model folder, a run or a checkpoint that fit a method's networks by name and shape, as they were learned.
 * Of a model whose classes were adjusted without that, which comes beside them where its logits' bias is taken.
 * @param report is told how much of each network was taken.
 * @throws TrainingError when there are no weights, when a part asked for or required is not there, or when an encoder fits
 * only in parts. What it would compute is neither the one nor the other.
 */
export async function readStartingWeights(
  folder: string,
  specs: readonly ParameterSpec[],
  { networks, parts, required = [] }: StartingNetworks,
  report: (line: string) => void = () => {},
): Promise<RunStart> {
  const unknown = parts?.find((part) => !networks.includes(part));
  if (unknown !== undefined) {
    throw new TrainingError(`--init-parts: expected some of \`${networks.join('`, `')}\`, got ${unknown}`, {
      field: '--init-parts',
    });
  }
  const { bytes, classAdjustment, classes } = await readWeightsFile(folder);
  const file = decodeSafetensors(bytes, folder);
  const fits = ({ name, shape }: ParameterSpec) =>
    file.tensors.get(name)?.shape.join() === storedShape(shape).join();
  const fitting: ParameterSpec[] = [];
  const counts: string[] = [];
  for (const network of parts ?? networks) {
    const own = specs.filter(({ name }) => name.startsWith(`${network}.`));
    const taken = own.filter(fits);
    const isThere = [...file.tensors.keys()].some((name) => name.startsWith(`${network}.`));
    const isWhole = taken.length === own.length;
    const isPartial = !isWhole && (required.includes(network) || (isThere && network.endsWith('encoder')));
    if (isPartial || (parts !== undefined && taken.length === 0)) {
      const others = own.filter((spec) => !taken.includes(spec)).map(({ name }) => `\`${name}\``);
      throw new TrainingError(
        `${folder}: expected all of \`${network}\`, but ${others.length} of its ${own.length} parameters are missing or of another shape ` +
          `(${others.slice(0, 3).join(', ')}${others.length > 3 ? ' ...' : ''}); is it of another preset? --init-parts takes other networks alone.`,
        { file: folder },
      );
    }
    fitting.push(...taken);
    counts.push(`${network} ${taken.length} of ${own.length}`);
  }
  if (fitting.length === 0) {
    throw new TrainingError(
      `${folder}: expected weights of \`${networks.join('`, `')}\` with the shapes of this network, found none that fit; is it of another preset?`,
      { file: folder },
    );
  }
  report(
    `${folder} gives ${fitting.length} of ${specs.length} parameters (${counts.join(', ')}); the others are drawn`,
  );
  const parameters = parametersFrom(file, fitting, folder);
  if (classAdjustment === undefined || !parameters.has(LOGITS_BIAS)) return { parameters };
  const text = adjustmentText(classAdjustment);
  if (text !== '')
    report(
      `the classes of ${folder} were adjusted (${text}): it is learned without that, and the export has it again`,
    );
  return {
    parameters: classes === undefined ? parameters : unadjusted(parameters, classAdjustment, classes),
    classAdjustment,
  };
}

interface WeightsFile {
  readonly bytes: Uint8Array;
  readonly classAdjustment?: ClassAdjustment | undefined;
  /** Of a model, whose weights have the adjustment; checkpoints have not. */
  readonly classes?: readonly { readonly name: string }[];
}

async function readWeightsFile(folder: string): Promise<WeightsFile> {
  const run = path.join(folder, 'checkpoint');
  if (hasCheckpoint(run)) return await checkpointFile(run);
  const file = path.join(folder, WEIGHTS_FILE);
  if (existsSync(path.join(folder, MANIFEST_FILE))) {
    const { manifest } = await loadModel(folder);
    if (manifest.files[WEIGHTS_FILE] === undefined)
      throw new TrainingError(
        `${folder}: its manifest lists no \`${WEIGHTS_FILE}\`; nothing else of it is read.`,
        { file: folder },
      );
    const { classes } = manifest;
    return { bytes: await readFile(file), classes, classAdjustment: classAdjustmentOf(manifest) };
  }
  if (existsSync(path.join(folder, STATE_FILE)) && existsSync(file)) return await checkpointFile(folder);
  if (existsSync(file)) return { bytes: await readFile(file) };
  throw new TrainingError(
    `${folder}: expected a model folder, a run or a checkpoint with \`${WEIGHTS_FILE}\`, found none`,
    { file: folder },
  );
}

async function checkpointFile(checkpoint: string): Promise<WeightsFile> {
  const bytes = await readCheckpoint(checkpoint, WEIGHTS_FILE);
  return { bytes, classAdjustment: await checkpointAdjustment(checkpoint) };
}
