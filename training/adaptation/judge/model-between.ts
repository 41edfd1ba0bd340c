import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Manifest } from '../../../models/manifest.js';
import { loadModel, MANIFEST_FILE } from '../../../models/model-store.js';
import { TrainingError } from '../../errors.js';
import { classAdjustmentOf, mixedAdjustment } from '../../perception-graph/class-adjustment.js';
import { writeModel } from '../../perception-graph/write-model.js';
import { toHalfBytes } from '../../weights/half.js';
import { tensorValues } from '../../weights/parameters.js';
import { decodeSafetensors, encodeSafetensors, type StoredTensor } from '../../weights/safetensors.js';
import { WEIGHTS_FILE } from '../../weights/weights-file.js';

/**
 * Writes the model whose every weight lies between those of a parent and its child: parent + share (child - parent), the
 * statistics of batch normalisation too. Between a model and its fine-tuned child this keeps most of what was learned and
 * most of what was known. The graph is the child's, whatever the network.
 * Source: Wortsman et al. 2022, "Robust fine-tuning of zero-shot models" (WiSE-FT).
 *
 * @param share above 0; above 1 it goes on beyond the child (for experiments), variances stay above 0.
 * @throws TrainingError when both have not the same tensors.
 */
export async function modelBetween(
  parent: string,
  child: string,
  share: number,
  folder: string,
): Promise<Manifest> {
  const { manifest, graphPath } = await loadModel(child);
  const { manifest: parentManifest } = await loadModel(parent);
  for (const [where, { files }] of [
    [parent, parentManifest],
    [child, manifest],
  ] as const) {
    if (files[WEIGHTS_FILE] === undefined) {
      throw new TrainingError(
        `${where}: expected a model with \`${WEIGHTS_FILE}\`, there is none in its ${MANIFEST_FILE}`,
      );
    }
  }
  const [from, to] = await Promise.all([tensorsOf(parent), tensorsOf(child)]);
  const tensors = new Map<string, StoredTensor>();
  for (const [name, tensor] of to.tensors) {
    const before = from.tensors.get(name);
    if (before === undefined || before.shape.join() !== tensor.shape.join()) {
      throw new TrainingError(
        `${child} is no child of ${parent}: expected \`${name}\` of shape [${tensor.shape}] in both, ` +
          `${before === undefined ? 'the parent has none' : `the parent's is [${before.shape}]`}.`,
      );
    }
    tensors.set(name, { ...tensor, bytes: between(name, before, tensor, share) });
  }
  const { bytes } = encodeSafetensors({ tensors, metadata: to.metadata });
  const { files, ...description } = manifest;
  const others = Object.keys(files).filter((name) => name !== WEIGHTS_FILE);
  const entries = await Promise.all(
    others.map(async (name) => [name, await readFile(path.join(path.dirname(graphPath), name))] as const),
  );
  const classAdjustment = mixedAdjustment(
    [classAdjustmentOf(parentManifest), classAdjustmentOf(manifest)],
    [1 - share, share],
  );
  return await writeModel(
    { folder, overwrite: true },
    { ...description, ...(classAdjustment && { classAdjustment }) },
    {
      ...Object.fromEntries(entries),
      [WEIGHTS_FILE]: bytes,
    },
  );
}

async function tensorsOf(folder: string): Promise<ReturnType<typeof decodeSafetensors>> {
  return decodeSafetensors(await readFile(path.join(folder, WEIGHTS_FILE)), folder);
}

function between(name: string, from: StoredTensor, to: StoredTensor, share: number): Uint8Array {
  const [before, after] = [tensorValues(from), tensorValues(to)];
  const least = name.endsWith('running_var') ? 1e-6 : Number.NEGATIVE_INFINITY;
  const values = after.map((value, i) => Math.max(least, before[i] + share * (value - before[i])));
  return to.dtype === 'F16' ? toHalfBytes(values) : new Uint8Array(values.buffer);
}
