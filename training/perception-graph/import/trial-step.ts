/** What an imported network is about to do in its trial, which may never end. */
export interface TrialStep {
  /** The model folder that is not in its place yet. */
  readonly folder: string;
  /** A clause: `net.onnx is opened`. */
  readonly what: string;
}

/** Told before each step; undefined: the trial is over. */
export type TrialReport = (step: TrialStep | undefined) => void;
