import type { JudgeReport } from '../../training/adaptation/judge/judge.js';
import type { RealWorth } from './real-worth.js';

/** A candidate, what the truth of other drives says of it and what the judge said. */
export interface RealRow {
  readonly drive: string;
  readonly candidate: string;
  readonly family: string;
  readonly worth: RealWorth;
  readonly report: JudgeReport;
}
