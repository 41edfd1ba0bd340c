import { SKY } from '../../models/class-table.js';
import type { Sample } from '../../training/datasets/stores/sample.js';
import { noisy, notANumber, type Spoil, shifted, shuffled, squeezed } from './spoiled-weights.js';

/** A candidate made by changing the parent's weights. */
export interface SpoiledCandidate {
  readonly kind: 'spoiled';
  readonly name: string;
  readonly family: string;
  readonly spoil: Spoil;
}

/** Candidates made by one supervised training: on the way from the parent to its end, and beyond it. */
export interface TrainedCandidates {
  readonly kind: 'trained';
  readonly name: string;
  readonly family: string;
  /** Which frames of the adapt part: all, or a few. */
  readonly frames: 'all' | 'four';
  /** Whether source samples are rehearsed beside them. */
  readonly rehearse: boolean;
  readonly change?: (sample: Sample) => Sample;
  readonly learningRate: number;
  readonly steps: number;
  /** Each makes a candidate: parent + share (trained - parent), weight by weight. */
  readonly shares: readonly number[];
}

export type Candidates = SpoiledCandidate | TrainedCandidates;

const depthChanged =
  (change: (z: number, label: number, column: number, width: number) => number) =>
  (sample: Sample): Sample => ({
    ...sample,
    depthMeters: sample.depthMeters.map((z, i) =>
      change(z, sample.labels[i], i % sample.width, sample.width),
    ),
  });

/** Everything beyond 12 m is half as far again: hard to see in pictures, and wrong. */
const stretched = depthChanged((z, label) => (label === SKY || z < 12 ? z : z * 1.5));
/** The left border too near, the right border too far. */
const tilted = depthChanged((z, _, column, width) => z * (0.75 + (0.5 * column) / width));
/** Vehicles, people and riders as far as can be: what self-supervision without masks makes of moving cars. */
const holes = depthChanged((z, label) => (label >= 11 && label <= 18 ? 99 : z));

const common = { kind: 'trained', frames: 'all', rehearse: true, learningRate: 3e-4, steps: 60 } as const;

/** What is judged on every drive. */
export const CANDIDATES: readonly Candidates[] = [
  { ...common, name: 'truth', family: 'trained on truth', steps: 100, shares: [0.15, 0.4, 0.7, 1] },
  ...[0.01, 0.02, 0.04, 0.08].map(
    (share, i): SpoiledCandidate => ({
      ...{ kind: 'spoiled', name: `noise-${share}`, family: 'slightly worse', spoil: noisy(share, 40 + i) },
    }),
  ),
  { kind: 'spoiled', name: 'same', family: 'unchanged', spoil: () => undefined },
  { kind: 'spoiled', name: 'flat', family: 'collapsed', spoil: squeezed(0) },
  { kind: 'spoiled', name: 'squeezed', family: 'collapsed', spoil: squeezed(0.6) },
  {
    kind: 'spoiled',
    name: 'shuffled-depth',
    family: 'shuffled weights',
    spoil: shuffled(/depth\.upconv_2/, 7),
  },
  {
    ...{ kind: 'spoiled', name: 'shuffled-encoder', family: 'shuffled weights' },
    // The deepest layers of a ResNet, and of an EfficientNet-Lite0.
    spoil: shuffled(/encoder\.(layer4|blocks\.1[2-5])\./, 8),
  },
  {
    kind: 'spoiled',
    name: 'shuffled-labels',
    family: 'shuffled weights',
    spoil: shuffled(/segmentation\.logits/, 9),
  },
  { kind: 'spoiled', name: 'farther', family: 'other scale', spoil: shifted(-0.25) },
  { kind: 'spoiled', name: 'nan', family: 'not a number', spoil: notANumber() },
  { ...common, name: 'holes', family: 'holes on vehicles', change: holes, shares: [0.5, 1, 1.5] },
  { ...common, name: 'stretched', family: 'trained on wrong depth', change: stretched, shares: [0.3, 1] },
  { ...common, name: 'tilted', family: 'trained on wrong depth', change: tilted, shares: [0.3, 1] },
  {
    ...{ ...common, name: 'overfit', family: 'over-fitted to the adapt part' },
    ...{ frames: 'four', rehearse: false, learningRate: 1e-3, steps: 40, shares: [0.4, 1] },
  },
  {
    ...{ ...common, name: 'forgetful', family: 'without rehearsal' },
    ...{ rehearse: false, learningRate: 4e-4, steps: 40, shares: [0.5, 1] },
  },
];
