import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { WEIGHTS_FILE } from '../../perception-graph/weights-file.js';
import { tensorValues } from '../../weights/parameters.js';
import { decodeSafetensors } from '../../weights/safetensors.js';
import { modelBetween } from './model-between.js';

/** A model folder that learning left on its way. */
export interface LearnedModel {
  /** Steps taken until then. */
  readonly steps: number;
  readonly folder: string;
  /** Of the end of learning, where it may go on another night. */
  readonly progress?: LearningProgress;
}

/** How far learning came. */
export interface LearningProgress {
  readonly planned: number;
  /** Steps from which the next run goes on; undefined where all planned ones were taken. */
  readonly kept?: number | undefined;
}

/** Who may replace the parent: a model on the way of learning, or between the parent and one of them. */
export interface Contender {
  /** For people: `365 steps, three quarters of the way back ...`. */
  readonly name: string;
  readonly steps: number;
  /** Of the way from the parent to what was learned. */
  readonly share: number;
  /** How far its weights are from the parent's, relative to these. */
  readonly distance: number;
  readonly folder: string;
}

/** Shares of the way from the parent to the end of learning that are tried beside the end itself. */
const SHARES = [0.75, 0.5, 0.25] as const;

/**
 * Who is judged, the farthest from the parent first: the models that learning left on its way, and models between the
 * parent and the last of them. Those between are written beside it.
 * @param learned in the order of learning, at least one.
 */
export async function contendersOf(
  parent: string,
  learned: readonly LearnedModel[],
  folder: string,
): Promise<Contender[]> {
  const last = learned[learned.length - 1];
  const contenders: Contender[] = [];
  for (const { steps, folder: at } of learned) {
    contenders.push({
      ...{ name: `${steps} steps`, steps, share: 1, folder: at },
      distance: await weightDistance(parent, at),
    });
  }
  const whole = contenders[contenders.length - 1].distance;
  for (const share of SHARES) {
    const between = path.join(folder, `${last.steps}-steps-at-${share}`);
    await modelBetween(parent, last.folder, share, between);
    contenders.push({
      ...{ name: `${last.steps} steps, ${share} of the way`, steps: last.steps, share },
      ...{ distance: share * whole, folder: between },
    });
  }
  return contenders.sort((a, b) => b.distance - a.distance);
}

/** Root of the summed squares of all weights' differences, relative to that of the parent's weights. */
async function weightDistance(parent: string, child: string): Promise<number> {
  const [from, to] = await Promise.all(
    [parent, child].map(async (folder) =>
      decodeSafetensors(await readFile(path.join(folder, WEIGHTS_FILE)), folder),
    ),
  );
  let [difference, size] = [0, 0];
  for (const [name, tensor] of to.tensors) {
    const before = from.tensors.get(name);
    // Statistics have other units than weights.
    if (before === undefined || name.includes('running_')) continue;
    const [a, b] = [tensorValues(before), tensorValues(tensor)];
    for (let i = 0; i < a.length; i++) {
      difference += (b[i] - a[i]) ** 2;
      size += a[i] ** 2;
    }
  }
  return Math.sqrt(difference / size);
}
