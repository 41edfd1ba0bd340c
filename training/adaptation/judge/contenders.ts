import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { tensorValues } from '../../weights/parameters.js';
import { decodeSafetensors } from '../../weights/safetensors.js';
import { WEIGHTS_FILE } from '../../weights/weights-file.js';
import { modelBetween } from './model-between.js';

/** A model folder that learning left on its way. */
export interface LearnedModel {
  /** Steps taken until then. */
  readonly steps: number;
  readonly folder: string;
  /** Progress at the end of learning, if it may go on another night. */
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
  /** Share of the way from the parent to what was learned. */
  readonly share: number;
  /** How far its weights are from the parent's, relative to these. */
  readonly distance: number;
  readonly folder: string;
}

/**
 * Shares of the way from the parent to what was learned, in the order in which they are tried. Half of the way keeps two
 * thirds of the gain on the own road, and lost at most 2 % on other drives. There the whole way lost up to 7 %
 * (docs/measurements/adaptation.md).
 */
const SHARES = [0.5, 1, 0.25] as const;

/**
 * Who is judged, the most promising first. Models between the parent and the mean of the models that learning left on its way
 * come first, then that mean. Those on the way themselves come last, the latest first. What one moment of learning made worse
 * elsewhere the others did not, so the mean keeps the gain and loses most of the harm. Those that are made here are written
 * into `folder`. Source: Izmailov et al. 2018, "Averaging weights leads to wider optima and better generalization" (SWA);
 * Wortsman et al. 2022, "Robust fine-tuning of zero-shot models" (WiSE-FT).
 * @param learned in the order of learning, at least one.
 */
export async function contendersOf(
  parent: string,
  learned: readonly LearnedModel[],
  folder: string,
): Promise<Contender[]> {
  const whole = await wholeWay(learned, folder);
  const distance = await weightDistance(parent, whole.folder);
  const contenders: Contender[] = [];
  for (const share of SHARES) {
    if (share === 1) {
      contenders.push({ ...whole, share, distance });
      continue;
    }
    const between = path.join(folder, `${path.basename(whole.folder)}-at-${share}`);
    await modelBetween(parent, whole.folder, share, between);
    const name = `${whole.name}, ${share} of the way`;
    contenders.push({ name, steps: whole.steps, share, distance: share * distance, folder: between });
  }
  if (learned.length === 1) return contenders;
  for (const { steps, folder: at } of learned.toReversed()) {
    contenders.push({
      ...{ name: `${steps} steps`, steps, share: 1, folder: at },
      distance: await weightDistance(parent, at),
    });
  }
  return contenders;
}

/** The mean of all that was learned, or the only one. */
async function wholeWay(
  learned: readonly LearnedModel[],
  folder: string,
): Promise<Pick<Contender, 'name' | 'steps' | 'folder'>> {
  const { steps, folder: end } = learned[learned.length - 1];
  if (learned.length === 1) return { name: `${steps} steps`, steps, folder: end };
  const mean = path.join(folder, 'mean');
  let soFar = learned[0].folder;
  for (const [i, { folder: next }] of learned.slice(1).entries()) {
    await modelBetween(soFar, next, 1 / (i + 2), mean);
    soFar = mean;
  }
  return { name: `mean of ${learned.map((each) => each.steps).join(', ')} steps`, steps, folder: mean };
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
