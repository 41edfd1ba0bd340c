import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { loadModel, MANIFEST_FILE } from '../../models/model-store.js';
import { TrainingError } from '../errors.js';
import type { ParameterSpec } from '../networks/scope.js';
import { WEIGHTS_FILE } from '../perception-graph/export-model.js';
import { type Parameters, parametersFrom, storedShape } from '../weights/parameters.js';
import { decodeSafetensors } from '../weights/safetensors.js';
import { hasCheckpoint, readCheckpoint } from './checkpoint.js';

/** Parts of SGDepth's networks, by how their parameters' names begin. */
export const NETWORK_PARTS = ['encoder', 'depth', 'segmentation', 'pose_encoder', 'pose'] as const;
export type NetworkPart = (typeof NETWORK_PARTS)[number];

/** What sees: half of an encoder sees nothing, and a training that begins with it looks as if it had begun with all of it. */
const WHOLE_PARTS = ['encoder', 'pose_encoder'] as const;

/**
 * The weights in a model folder, a run or a checkpoint that fit a network by name and shape.
 * @param parts which parts of the networks are taken.
 * @throws TrainingError when there are no weights, or none that fit, or an encoder fits in part only.
 */
export async function readStartingWeights(
  folder: string,
  specs: readonly ParameterSpec[],
  parts: readonly NetworkPart[],
): Promise<Parameters> {
  const file = decodeSafetensors(await readWeightsFile(folder), folder);
  const fitting = specs.filter(({ name, shape }) => {
    const isWanted = parts.some((part) => name.startsWith(`${part}.`));
    return isWanted && file.tensors.get(name)?.shape.join() === storedShape(shape).join();
  });
  for (const part of WHOLE_PARTS) {
    if (parts.includes(part)) checkWhole(part, specs, new Set(fitting), file.tensors, folder);
  }
  if (fitting.length === 0) {
    throw new TrainingError(
      `${folder}: expected weights of \`${parts.join('`, `')}\` with the shapes of this network, found none that fit; is it of another preset?`,
    );
  }
  return parametersFrom(file, fitting, folder);
}

/** @param stored by name, with shapes as they are stored. @throws TrainingError when a part is there and fits in part only. */
function checkWhole(
  part: NetworkPart,
  specs: readonly ParameterSpec[],
  fitting: ReadonlySet<ParameterSpec>,
  stored: ReadonlyMap<string, unknown>,
  folder: string,
): void {
  const wanted = specs.filter(({ name }) => name.startsWith(`${part}.`));
  const missing = wanted.filter((spec) => !fitting.has(spec)).map(({ name }) => `\`${name}\``);
  const isThere = [...stored.keys()].some((name) => name.startsWith(`${part}.`));
  if (!isThere || missing.length === 0) return;
  const more = missing.length > 3 ? ` and ${missing.length - 3} more` : '';
  throw new TrainingError(
    `${folder}: expected all of \`${part}\`, but ${missing.length} of its ${wanted.length} parameters are missing or of another ` +
      `shape: ${missing.slice(0, 3).join(', ')}${more}. It is of another preset: choose that one, or leave the part out (--init-parts).`,
  );
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
      );
  }
  if (existsSync(file)) return readFile(file);
  throw new TrainingError(
    `${folder}: expected a model folder, a run or a checkpoint with \`${WEIGHTS_FILE}\`, found none`,
  );
}
