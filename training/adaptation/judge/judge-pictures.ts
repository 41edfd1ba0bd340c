import type { PictureModel } from '../../../models/model-runner.js';
import { median } from '../../../vision/median.js';
import { SampleStore, type StoreDescription } from '../../datasets/stores/sample-store.js';
import type { DrivePicture } from '../drive/drive-pictures.js';
import { mirrored, mirroredCamera } from '../mirrored.js';
import { blockLength, type Interval, ratioBootstrap } from './bootstrap.js';
import { depthLikeness } from './depth-likeness.js';

/** Both models on single pictures: whether a candidate is sound, never whether it is better. */
export interface PictureFigures {
  readonly pictures: number;
  readonly invalidPixels: number;
  /** Candidate's spread of log depth / parent's. */
  readonly spreadRatio: number;
  /** Correlation of both log depths, mean over the pictures. */
  readonly likeness: number;
  /** Median over the pictures of the median of candidate / parent. */
  readonly scale: number;
  /** Share of the pixels with a finite depth of the parent that became infinite. */
  readonly holes: Interval;
  /** (candidate - parent) / parent of the disagreement with what is seen in the mirror, above 0 is a loss. */
  readonly mirrorLoss: Interval;
  /** Share of the pixels that both models give the same class. */
  readonly agreement: number;
}

interface PictureRow {
  readonly invalid: number;
  readonly parentSpread: number;
  readonly candidateSpread: number;
  readonly likeness: number;
  readonly scale: number;
  readonly finite: number;
  readonly holes: number;
  readonly parentMirror: number;
  readonly candidateMirror: number;
  readonly agreement: number;
}

/**
 * Compares two models on pictures that neither learned from, without any motion between them.
 * @param store pictures with the parent's depth and labels. @param pictures of it, in the order of time, at least one.
 * @param memo the parent in the mirror, by picture: spares work when another candidate is compared with it.
 */
export async function judgePictures(
  store: { readonly folder: string; readonly description: StoreDescription },
  pictures: readonly DrivePicture[],
  parent: PictureModel,
  candidate: PictureModel,
  memo: Map<number, number> = new Map(),
): Promise<PictureFigures> {
  const frames = SampleStore.open(store.folder, store.description);
  const rows: PictureRow[] = [];
  try {
    for (const { index } of pictures) {
      const { rgb, width, height, intrinsics, depthMeters, labels } = frames.read(index);
      const picture = { width, height, rgb: mirrored(rgb, width, 3) };
      const camera = mirroredCamera(intrinsics, width);
      const seen = await candidate.run({ width, height, rgb }, intrinsics);
      const inMirror = async (model: PictureModel, depth: Float32Array) =>
        disagreement(depth, mirrored((await model.run(picture, camera)).depth, width));
      const parentMirror = memo.get(index) ?? (await inMirror(parent, depthMeters));
      memo.set(index, parentMirror);
      const candidateMirror = await inMirror(candidate, seen.depth);
      rows.push({
        ...depthLikeness(depthMeters, seen.depth),
        ...{ parentMirror, candidateMirror, agreement: agreement(labels, seen.labels) },
      });
      await new Promise((resolve) => setImmediate(resolve));
    }
  } finally {
    frames.close();
  }
  return figuresOf(rows);
}

function figuresOf(rows: readonly PictureRow[]): PictureFigures {
  const sum = (of: (row: PictureRow) => number) => rows.reduce((total, row) => total + of(row), 0);
  const block = blockLength(rows.length);
  return {
    pictures: rows.length,
    invalidPixels: sum(({ invalid }) => invalid),
    spreadRatio: sum(({ candidateSpread }) => candidateSpread) / sum(({ parentSpread }) => parentSpread),
    likeness: sum(({ likeness }) => likeness) / rows.length,
    scale: median(rows.map(({ scale }) => scale)),
    holes: ratioBootstrap(
      rows.map(({ holes }) => holes),
      rows.map(({ finite }) => Math.max(1, finite)),
      block,
    ),
    mirrorLoss: ratioBootstrap(
      rows.map(({ candidateMirror, parentMirror }) => candidateMirror - parentMirror),
      rows.map(({ parentMirror }) => parentMirror),
      block,
    ),
    agreement: sum((row) => row.agreement) / rows.length,
  };
}

/** Mean of |z - z'| / (z + z'), 1 where only one is finite. */
function disagreement(depth: Float32Array, other: Float32Array): number {
  let [sum, count] = [0, 0];
  for (let i = 0; i < depth.length; i++) {
    const [a, b] = [depth[i], other[i]].map((z) => z > 0 && z < Number.POSITIVE_INFINITY);
    if (!a && !b) continue;
    count++;
    sum += a && b ? Math.abs(depth[i] - other[i]) / (depth[i] + other[i]) : 1;
  }
  // A model that sees nothing disagrees with nobody; one that is exact leaves nothing to divide by.
  return Math.max(1e-4, count === 0 ? 1 : sum / count);
}

function agreement(before: Uint8Array, after: Uint8Array | undefined): number {
  if (after === undefined) return 1;
  let same = 0;
  for (let i = 0; i < before.length; i++) if (before[i] === after[i]) same++;
  return same / before.length;
}
