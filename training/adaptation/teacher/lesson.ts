import { UNLABELLED } from '../../../models/class-table.js';
import type { Intrinsics } from '../../../msgs/camera/intrinsics.js';
import type { Sample } from '../../datasets/stores/sample.js';
import type { SampleStore } from '../../datasets/stores/sample-store.js';
import { staticWeight } from '../drive/survey.js';
import type { PhotometricScore } from '../judge/photometric-score.js';
import type { PosedTriplet } from '../learning/adaptation-batches.js';
import { agreedDepth } from './agreed-depth.js';
import { alignDepth } from './align-depth.js';
import type { AskedTeacher } from './asked-teacher.js';
import { confirmedDepth } from './confirmed-depth.js';
import { confirmedLabels } from './confirmed-labels.js';
import type { TeacherDepth } from './teacher.js';

/** What became of what teachers said about one picture. */
export interface Lesson {
  /** Undefined where nothing of it can be used. */
  readonly sample: Sample | undefined;
  /** Shares of the pixels that are confirmed; 0 where it is no lesson. */
  readonly depthShare: number;
  readonly labelShare: number;
  /** Photometric error of the depth / of the running model's; undefined without depth. */
  readonly errorRatio: number | undefined;
  /** Whether the drive contradicts the depth as a whole, or it cannot be aligned. */
  readonly refused: 'contradicted' | 'unaligned' | undefined;
}

/** Where a lesson is made of. */
export interface LessonPlace {
  readonly frames: SampleStore;
  /** Its poses are in the metres of the running model's depth times its `depthFactor`. */
  readonly triplet: PosedTriplet;
  /** View of the triplet's drive. */
  readonly view: { readonly width: number; readonly height: number; readonly intrinsics: Intrinsics };
}

/** A picture of which less is confirmed is no lesson. */
const LEAST_DEPTH = 0.1;
const LEAST_LABELS = 0.02;
/** A depth that explains a picture so much worse than the running model's is wrong, wherever it seems to fit. */
const MOST_ERROR_RATIO = 1.02;

/**
 * What teachers say of one triplet, where it is confirmed.
 * @param depths how the depth of each teacher is brought to the metres of the poses.
 */
export async function lessonOf(
  asked: readonly AskedTeacher[],
  depths: readonly TeacherDepth[],
  { frames, triplet, view }: LessonPlace,
  score: PhotometricScore,
): Promise<Lesson> {
  const [target, previous, next] = [triplet.target, triplet.previous, triplet.next].map((at) =>
    frames.read(at),
  );
  const { previousPose, nextPose, depthFactor = 1 } = triplet;
  const ownDepth = target.depthMeters.map((z) => depthFactor * z);
  const taught = taughtDepth(asked, depths, triplet.target, { depth: ownDepth, labels: target.labels });
  const isMeasured = asked.every(({ teacher }) => teacher.measured === true);
  if (isMeasured && taught !== undefined) return measuredLesson(target, taught, view.intrinsics);
  const confirmed =
    taught &&
    (await confirmedDepth(
      {
        ...{ target: target.rgb, previous: previous.rgb, next: next.rgb, labels: target.labels },
        ...{ ownDepth, taughtDepth: taught, previousPose, nextPose },
      },
      view,
      score,
    ));
  const errorRatio = confirmed?.errorRatio;
  const isRight = errorRatio !== undefined && errorRatio <= MOST_ERROR_RATIO;
  const hasDepth = isRight && confirmed !== undefined && confirmed.share >= LEAST_DEPTH;
  const { labels, share } = taughtLabels(asked, frames, triplet, { ...target, depthMeters: ownDepth }, view);
  const hasLabels = share >= LEAST_LABELS;
  const isAsked = depths.some((depth) => depth !== 'none');
  return {
    sample:
      hasDepth || hasLabels
        ? {
            ...target,
            intrinsics: view.intrinsics,
            depthMeters: hasDepth ? confirmed.depthMeters : target.depthMeters.map(() => Number.NaN),
            labels: hasLabels ? labels : target.labels.map(() => UNLABELLED),
          }
        : undefined,
    depthShare: hasDepth ? confirmed.share : 0,
    labelShare: hasLabels ? share : 0,
    errorRatio,
    refused: !isAsked ? undefined : taught === undefined ? 'unaligned' : isRight ? undefined : 'contradicted',
  };
}

/** Depth that was measured, as it is. */
function measuredLesson(target: Sample, depthMeters: Float32Array, intrinsics: Intrinsics): Lesson {
  const measured = depthMeters.filter((z) => z > 0).length;
  return {
    sample: { ...target, intrinsics, depthMeters, labels: target.labels.map(() => UNLABELLED) },
    ...{
      depthShare: measured / depthMeters.length,
      labelShare: 0,
      errorRatio: undefined,
      refused: undefined,
    },
  };
}

/** What the teachers with depth agree on, in the metres of a reference; undefined where one of them cannot be aligned. */
function taughtDepth(
  asked: readonly AskedTeacher[],
  depths: readonly TeacherDepth[],
  frame: number,
  reference: { readonly depth: Float32Array; readonly labels: Uint8Array },
): Float32Array | undefined {
  const counts = staticWeight(reference.labels, reference.labels.length);
  const maps: Float32Array[] = [];
  for (const [i, { notes }] of asked.entries()) {
    const kind = depths[i];
    if (kind === 'none') continue;
    const aligned = alignDepth(kind, notes.read(frame).depthMeters, reference.depth, counts);
    if (aligned === undefined) return undefined;
    maps.push(aligned);
  }
  return maps.length === 0 ? undefined : agreedDepth(maps);
}

/** Labels that last over the neighbours about which there are notes, and the share of pixels that teachers gave them. */
function taughtLabels(
  asked: readonly AskedTeacher[],
  frames: SampleStore,
  { target: frame, previous, next, previousPose, nextPose }: PosedTriplet,
  target: Sample,
  view: { readonly width: number; readonly height: number; readonly intrinsics: Intrinsics },
): { readonly labels: Uint8Array; readonly share: number } {
  const labellers = asked.filter(({ trainIds }) => trainIds !== undefined);
  const nothing = { labels: new Uint8Array(target.labels.length).fill(UNLABELLED), share: 0 };
  if (labellers.length === 0) return nothing;
  const said = (at: number) => labelsOf(labellers, at, frames.read(at).labels);
  const neighbours = [
    { at: previous, sourceFromTarget: previousPose },
    { at: next, sourceFromTarget: nextPose },
  ].filter(({ at }) => labellers.every(({ notes }) => notes.isWritten(at)));
  const { labels, taught } = said(frame);
  const lasting = confirmedLabels(
    labels,
    target.depthMeters,
    neighbours.map(({ at, sourceFromTarget }) => ({ labels: said(at).labels, sourceFromTarget })),
    view,
  );
  let count = 0;
  for (let i = 0; i < lasting.length; i++) if (lasting[i] !== UNLABELLED && taught[i] === 1) count++;
  return { labels: lasting, share: count / lasting.length };
}

/**
 * Labels of a picture: those of the first teacher that gives one. Where none does, the running model's own fill in, which
 * keep what teachers do not know. Those that a teacher would have given if it saw one are left out.
 */
function labelsOf(
  labellers: readonly AskedTeacher[],
  frame: number,
  own: Uint8Array,
): { readonly labels: Uint8Array; readonly taught: Uint8Array } {
  const told = new Set(labellers.flatMap(({ trainIds }) => [...(trainIds ?? [])]));
  const labels = own.map((label) => (told.has(label) ? UNLABELLED : label));
  const taught = new Uint8Array(own.length);
  for (const { notes, trainIds } of labellers) {
    if (trainIds === undefined) continue;
    const given = notes.read(frame).labels;
    for (let i = 0; i < given.length; i++) {
      if (taught[i] === 1 || trainIds[given[i]] === UNLABELLED) continue;
      labels[i] = trainIds[given[i]];
      taught[i] = 1;
    }
  }
  return { labels, taught };
}
