/**
 * A loss fails when it is more than `sure` for sure: the low end of its 95 % interval. It also fails when it is more than
 * `most` as far as anyone can tell: its mean. A good candidate is not refused for a figure's noise, and a noisy figure is no
 * licence.
 */
export interface Bound {
  readonly sure: number;
  readonly most: number;
}

/** Bounds of the judge; docs/adaptation.md has the reasons, docs/measurements/judge.md the proofs. */
export const LIMITS = {
  leastTriplets: 12,
  leastBlocks: 3,
  /** Least gain of the photometric error. A smaller gain may be real but is not worth a new model. */
  leastGain: 0.0025,
  /** Loss of the photometric error on the third of the judged part that is farthest from what was learned from. */
  mostFarLoss: 0,
  inconsistencyLoss: { sure: 0.05, most: 0.1 },
  spreadRatio: [0.6, 1.6],
  leastLikeness: 0.8,
  scale: [0.85, 1.18],
  /** Triplets from which on measured metres decide; an error of the scale that is as good as none; growth of the height's spread. */
  leastMetreTriplets: 8,
  scaleError: 0.05,
  heightSpread: { times: 1.5, more: 0.02 },
  dynamicHoles: { sure: 0.03, most: 0.06 },
  stillHoles: { sure: 0.01, most: 0.03 },
  dynamicRatio: [0.75, 1.3],
  /**
   * Of AbsRel on source samples, as they are, and in the looks of the drive and of past drives. Against collapse where
   * another real drive guards. Where none does, the looks have to stand for other places.
   */
  guarded: { sourceLoss: { sure: 0.025, most: 0.045 }, lookLoss: { sure: 0.025, most: 0.055 } },
  alone: { sourceLoss: { sure: 0.02, most: 0.045 }, lookLoss: { sure: 0, most: 0.025 } },
  meanIouLoss: { sure: 0.02, most: 0.04 },
  /** Of other real drives: triplets from which on one of them, or all together, decide, the loss of its photometric error, its scale. */
  leastGuardTriplets: 5,
  guardLoss: { sure: 0.005, most: 0.015 },
  guardTruthLoss: { sure: 0.01, most: 0.03 },
  /** Of a drive that does not move: pictures, the loss of agreement with the mirror, the share of pixels that keep their class. */
  leastPictures: 8,
  mirrorLoss: { sure: 0.05, most: 0.15 },
  leastAgreement: 0.85,
  /** Frames with measured depth from which on that decides. */
  leastTruthFrames: 8,
} as const;
