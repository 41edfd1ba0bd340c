import { readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Manifest } from '../../models/manifest.js';
import { type LoadedModel, loadModel } from '../../models/model-store.js';
import { TrainingError } from '../errors.js';
import { resizeModel } from '../perception-graph/resize-model.js';
import type { CalibrationPicture } from '../quantization/calibration-pictures.js';
import { quantizeModel } from '../quantization/quantize-model.js';

/** An adapted model may lie this much farther from its float form than its parent does, and this far in any case. */
const MOST_GROWTH = 1.5;
const ALWAYS_ALLOWED = 0.02;

/**
 * The float form of a model that computes in 8 bits, made of its weights: learning and judging compare weights, not how
 * they are rounded.
 * @returns the folder of the model itself where it computes in float.
 */
export async function floatParent(model: LoadedModel, work: string): Promise<string> {
  if (model.manifest.quantization === undefined) return model.folder;
  const folder = path.join(work, 'float-parent');
  await rm(folder, { recursive: true, force: true });
  await resizeModel(model, { folder }, model.manifest.input.pixels);
  return folder;
}

/** What an adapted model is rounded by. */
export interface RoundingOptions {
  /** Pictures of the drives that the parent was adapted to. */
  readonly pictures: readonly CalibrationPicture[];
  readonly calibration: string;
  readonly threads: number;
  report(line: string): void;
}

const VERDICT_FILE = 'judge.json';

/**
 * Rounds an adapted model as its parent is rounded, with ranges of the drives that it was adapted to, in place.
 * @throws TrainingError where rounding would change its answers more than its parent's.
 */
export async function roundLikeParent(
  quantization: NonNullable<Manifest['quantization']>,
  candidate: string,
  { pictures, calibration, threads, report }: RoundingOptions,
): Promise<void> {
  const verdict = await readFile(path.join(candidate, VERDICT_FILE)).catch(() => undefined);
  const rounded = await quantizeModel(await loadModel(candidate), {
    place: { folder: candidate, overwrite: true },
    ...{ pictures, calibration, threads, report },
    ranges: { kind: 'mse' },
    goal: Math.max(quantization.depthChange + (quantization.labelChange ?? 0), ALWAYS_ALLOWED),
    mostFloat: 0.5,
    float: quantization.float,
  });
  if (verdict !== undefined) await writeFile(path.join(candidate, VERDICT_FILE), verdict);
  const change = rounded.quantization?.depthChange ?? Number.POSITIVE_INFINITY;
  const most = Math.max(MOST_GROWTH * quantization.depthChange, ALWAYS_ALLOWED);
  if (change > most) {
    throw new TrainingError(
      `in 8 bits the adapted model's depth would change by ${(100 * change).toFixed(1)} %, at most \`${(100 * most).toFixed(1)} %\``,
    );
  }
}
