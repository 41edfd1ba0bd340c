import type { JudgeReport } from '../../training/adaptation/judge/judge.js';
import type { TrueWorth } from './true-worth.js';

/** A candidate, what the simulator knows of it and what the judge said. */
export interface ProofRow {
  readonly drive: string;
  readonly candidate: string;
  readonly family: string;
  readonly truth: TrueWorth;
  readonly report: JudgeReport;
}
