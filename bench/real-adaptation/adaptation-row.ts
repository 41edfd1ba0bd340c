import type { DriveErrors } from './measured-drive.js';

/** By the names of the drives that have truth. */
export type ErrorsByDrive = Readonly<Record<string, DriveErrors>>;

/** An experiment and what truth that nobody saw says of it. */
export interface AdaptationRow {
  readonly id: string;
  readonly kind: string;
  readonly seed: number;
  readonly runs: readonly RunRow[];
}

/** One of its adaptations. */
export interface RunRow {
  readonly drives: readonly string[];
  readonly verdict: string;
  readonly reasons: readonly string[];
  readonly steps: number;
  readonly minutes: number;
  /** Of what was current before, of the candidate that the judge chose or refused, and of what is current after. */
  readonly before: ErrorsByDrive;
  readonly candidate: ErrorsByDrive;
  readonly after: ErrorsByDrive;
}
