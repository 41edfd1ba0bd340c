import path from 'node:path';
import type { Intrinsics } from '../../../msgs/camera/intrinsics.js';
import { TrainingError } from '../../errors.js';
import { countOption, type DataSpec } from '../data-spec.js';
import type { DepthFile, FrameSet, LabelFile } from '../files/frame-files.js';
import { openFrameSet } from '../files/open-frame-set.js';
import { SampleStore, type StoreDescription } from '../stores/sample-store.js';
import { fillWithWorkers } from './fill-with-workers.js';
import { holdOut } from './hold-out.js';
import type { PreparedSource, PreparedTarget, SizedPreparation } from './prepared-data.js';
import { reportProgress } from './report-progress.js';

/** A picture of a data set that is to be stored. */
export interface StoredPicture {
  readonly file: string;
  /** Intrinsics of the file's pixels; the picture is then cropped to the store's shape. */
  readonly intrinsics?: Intrinsics;
  /** Without intrinsics: `cover` crops all the same, `whole` (left out) changes the shape of the picture. */
  readonly shape?: 'cover' | 'whole';
  readonly labels?: LabelFile;
  readonly depth?: DepthFile;
}

/** What the worker is told; it answers with the number of a picture. */
export interface FrameFilesData {
  readonly folder: string;
  readonly description: StoreDescription;
  readonly pictures: readonly StoredPicture[];
}

/**
 * `kitti-raw:ROOT?split=FILE&validation=N` and other data sets with neighbouring frames and intrinsics: resized and
 * cropped; the last `validation` frames of the list are held out, without truth.
 * @throws TrainingError when no frame has both neighbours.
 */
export async function prepareFrameTriplets(
  spec: DataSpec,
  preparation: SizedPreparation,
): Promise<PreparedTarget> {
  const { validation: _, ...options } = spec.options;
  const set = await openFrameSet({ ...spec, options: { truth: 'none', ...options } });
  const pictures = new Map<string, { readonly index: number; readonly picture: StoredPicture }>();
  const triplets: number[] = [];
  for (const { picture, previous, next, intrinsics } of set.frames) {
    if (previous === undefined || next === undefined || intrinsics === undefined) continue;
    for (const file of [previous, picture, next]) {
      const known = pictures.get(file) ?? { index: pictures.size, picture: { file, intrinsics } };
      pictures.set(file, known);
      triplets.push(known.index);
    }
  }
  if (triplets.length === 0) {
    throw new TrainingError(
      `${spec.place}: expected frames with \`the pictures before and after them\` and intrinsics, none of ${set.title} has both${lacking(set)}`,
      { file: spec.place },
    );
  }
  const { width, height } = preparation;
  const store = await fillFrameFiles(
    storedSource(spec),
    [...pictures.values()].map(({ picture }) => picture),
    { width, height, truth: false },
    preparation,
  );
  for (const sentence of set.missing) preparation.report(`missing: ${sentence}`);
  preparation.report(`${set.title}: ${triplets.length / 3} triplets`);
  return holdOut({ ...store, triplets: Int32Array.from(triplets) }, countOption(spec, 'validation', 40), 0);
}

/** Cityscapes at 1024x512, of which 640x192 are cropped: how much larger than the network's pictures the stored ones are. */
const CITYSCAPES_MARGIN = 1.6;

/**
 * `cityscapes:ROOT` (its training set, or another `?subset=`) and other data sets with labels: resized as a whole, for
 * random crops.
 * @throws TrainingError when no frame has labels.
 */
export async function prepareFrameLabels(
  spec: DataSpec,
  preparation: SizedPreparation,
): Promise<PreparedSource> {
  const options = spec.kind === 'cityscapes' ? { subset: 'train', ...spec.options } : spec.options;
  const set = await openFrameSet({ ...spec, options });
  const pictures = set.frames.flatMap(({ picture, labels }) =>
    labels === undefined ? [] : [{ file: picture, labels }],
  );
  if (pictures.length === 0) {
    throw new TrainingError(
      `${spec.place}: expected frames with \`labels\`, none of ${set.title} has any${lacking(set)}`,
      { file: spec.place },
    );
  }
  for (const sentence of set.missing) preparation.report(`missing: ${sentence}`);
  const width = Math.round(CITYSCAPES_MARGIN * preparation.width);
  const height = Math.max(Math.round(width / 2), Math.round(CITYSCAPES_MARGIN * preparation.height));
  const store = await fillFrameFiles(
    storedSource(spec),
    pictures,
    { width, height, truth: 'labels' },
    preparation,
  );
  const share = 1 / CITYSCAPES_MARGIN;
  const count = pictures.length;
  return {
    kind: 'labelled',
    training: { ...store, count },
    heldOut: { ...store, first: count, count: 0 },
    crop: [0.95 * share, 1.05 * share],
  };
}

/** What a data set lacks, in brackets for the end of a message; empty where it lacks nothing. */
export function lacking({ missing }: Pick<FrameSet, 'missing'>): string {
  return missing.length === 0 ? '' : ` (${missing.join('; ')})`;
}

/** Which pictures of which data set: another split, however long, is another source. */
export function storedSource({ kind, place, options }: DataSpec): string {
  const { validation: _, ...choosing } = options;
  const query = new URLSearchParams(choosing).toString();
  return `${kind} ${place}${query === '' ? '' : `?${query}`}`;
}

/** Decodes the pictures that the store lacks, in worker threads. */
export async function fillFrameFiles(
  source: string,
  pictures: readonly StoredPicture[],
  shape: Pick<StoreDescription, 'width' | 'height' | 'truth'>,
  { folder: parent, workers, signal, report }: SizedPreparation,
): Promise<{ folder: string; description: StoreDescription }> {
  const description: StoreDescription = { source, seed: 0, count: pictures.length, ...shape };
  const name = source.replaceAll(/[^\w.-]+/g, '_').slice(-80);
  const folder = path.join(parent, `${name}-${pictures.length}-${shape.width}x${shape.height}`);
  const store = SampleStore.open(folder, description);
  const tasks = store.missing();
  store.close();
  let complete = pictures.length - tasks.length;
  const progress = reportProgress(report, 'pictures', pictures.length);
  if (tasks.length > 0) progress(complete);
  const workerData: FrameFilesData = { folder, description, pictures };
  await fillWithWorkers({
    worker: new URL('./frame-files-worker.js', import.meta.url),
    ...{ workerData, tasks, workers, signal },
    onDone: () => {
      complete += 1;
      progress(complete);
    },
  });
  return { folder, description };
}
