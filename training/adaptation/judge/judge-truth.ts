import type { SparseDepth } from '../../datasets/stores/sparse-depth.js';
import { depthMetrics } from '../../evaluation/metrics/depth-metrics.js';
import { blockLength, type Interval, ratioBootstrap } from './bootstrap.js';

/** Both models against measured depth (a LiDAR) on frames of the judged part. */
export interface TruthFigures {
  readonly frames: number;
  readonly parentAbsRel: number;
  readonly candidateAbsRel: number;
  /** (parent - candidate) / parent, above 0 is a gain: each frame scaled by its median. */
  readonly gain: Interval;
  /** The same without scaling. */
  readonly gainUnscaled: Interval;
}

export interface TruthFrame {
  readonly truth: SparseDepth;
  readonly parentDepth: Float32Array;
  readonly candidateDepth: Float32Array;
}

/** @param frames in the order of time. @returns undefined when no frame has truth that counts. */
export async function judgeTruth(frames: AsyncIterable<TruthFrame>): Promise<TruthFigures | undefined> {
  const rows: { parent: number; candidate: number; parentPlain: number; candidatePlain: number }[] = [];
  for await (const { truth, parentDepth, candidateDepth } of frames) {
    const absRel = (depth: Float32Array, medianScaling: boolean) =>
      depthMetrics(truth, depth, { crop: 'none', medianScaling })?.absRel;
    const parent = absRel(parentDepth, true);
    const candidate = absRel(candidateDepth, true);
    const parentPlain = absRel(parentDepth, false);
    const candidatePlain = absRel(candidateDepth, false);
    if (parent === undefined || candidate === undefined) continue;
    if (parentPlain === undefined || candidatePlain === undefined) continue;
    rows.push({ parent, candidate, parentPlain, candidatePlain });
  }
  if (rows.length === 0) return undefined;
  const block = blockLength(rows.length);
  const mean = (of: (row: (typeof rows)[number]) => number) =>
    rows.reduce((sum, row) => sum + of(row), 0) / rows.length;
  return {
    frames: rows.length,
    parentAbsRel: mean((row) => row.parent),
    candidateAbsRel: mean((row) => row.candidate),
    gain: ratioBootstrap(
      rows.map((row) => row.parent - row.candidate),
      rows.map((row) => row.parent),
      block,
    ),
    gainUnscaled: ratioBootstrap(
      rows.map((row) => row.parentPlain - row.candidatePlain),
      rows.map((row) => row.parentPlain),
      block,
    ),
  };
}
