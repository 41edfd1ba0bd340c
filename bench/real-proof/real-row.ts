import type { JudgeReport } from '../../training/adaptation/judge/judge.js';
import { decide } from '../../training/adaptation/judge/verdict.js';
import { type RealWorth, realWorth } from './real-worth.js';
import type { SceneError } from './scene-errors.js';

/** A candidate, what the truth of other drives says of it and what the judge said. */
export interface RealRow {
  readonly drive: string;
  readonly candidate: string;
  readonly family: string;
  /** Errors of parent and candidate on the same scenes of drives that neither learned from. */
  readonly before: readonly SceneError[];
  readonly after: readonly SceneError[];
  readonly report: JudgeReport;
}

/** By the drives that neither the learning nor the judge saw. */
export function worthOf({ before, after, report }: RealRow): RealWorth {
  const isUnseen = ({ drive }: SceneError) => report.guards.every(({ name }) => name !== drive);
  return realWorth(before.filter(isUnseen), after.filter(isUnseen));
}

/** Verdict of a judge with no other drive to ask, as on a first night; and the worth by all drives, as it saw none of them. */
export function withoutGuards({ before, after, report }: RealRow) {
  const { drive, source, look, pastLooks, truth } = report;
  return {
    ...decide(drive, { source, look, pastLooks, truth }),
    worth: realWorth(before, after),
  };
}
