import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { loadModel, MANIFEST_FILE } from '../../models/model-store.js';
import { TrainingError } from '../errors.js';
import type { ParameterSpec } from '../networks/scope.js';
import { WEIGHTS_FILE } from '../perception-graph/weights-file.js';
import { type Parameters, parametersFrom, storedShape } from '../weights/parameters.js';
import { decodeSafetensors } from '../weights/safetensors.js';
import { hasCheckpoint, readCheckpoint } from './checkpoint.js';

export interface StartingNetworks {
  /** Names of the method's networks. */
  readonly networks: readonly string[];
  /** Those that are taken; all that are there where left out. */
  readonly parts?: readonly string[] | undefined;
  /** Those that have to be there, whole. */
  readonly required?: readonly string[];
}

/**
 * The weights in a model folder, a run or a checkpoint that fit a method's networks by name and shape.
 * @param report is told how much of each network was taken.
 * @throws TrainingError when there are no weights, when a part asked for or required is not there, or when an encoder fits only in
 * parts: what it would compute is neither the one nor the other.
 */
export async function readStartingWeights(
  folder: string,
  specs: readonly ParameterSpec[],
  { networks, parts, required = [] }: StartingNetworks,
  report: (line: string) => void = () => {},
): Promise<Parameters> {
  const unknown = parts?.find((part) => !networks.includes(part));
  if (unknown !== undefined) {
    throw new TrainingError(`--init-parts: expected some of \`${networks.join('`, `')}\`, got ${unknown}`, {
      field: '--init-parts',
    });
  }
  const file = decodeSafetensors(await readWeightsFile(folder), folder);
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
  return parametersFrom(file, fitting, folder);
}

async function readWeightsFile(folder: string): Promise<Uint8Array> {
  const run = path.join(folder, 'checkpoint');
  if (hasCheckpoint(run)) return readCheckpoint(run, WEIGHTS_FILE);
  const file = path.join(folder, WEIGHTS_FILE);
  if (existsSync(path.join(folder, MANIFEST_FILE))) {
    const { manifest } = await loadModel(folder);
    if (manifest.files[WEIGHTS_FILE] === undefined)
      throw new TrainingError(
        `${folder}: its manifest lists no \`${WEIGHTS_FILE}\`; nothing else of it is read.`,
        { file: folder },
      );
  }
  if (existsSync(file)) return readFile(file);
  throw new TrainingError(
    `${folder}: expected a model folder, a run or a checkpoint with \`${WEIGHTS_FILE}\`, found none`,
    { file: folder },
  );
}
