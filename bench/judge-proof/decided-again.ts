import type { JudgeReport } from '../../training/adaptation/judge/judge.js';
import { LIMITS } from '../../training/adaptation/judge/limits.js';
import { decide, JUDGE_VERSION } from '../../training/adaptation/judge/verdict.js';

/** A report by the bounds as they are now; undefined when its figures are those of another judge and do not compare. */
export function decidedAgain(report: JudgeReport): JudgeReport | undefined {
  if (report.judgeVersion !== JUDGE_VERSION) return undefined;
  const { drive, source, look, pastLooks, truth, guards, guardsTogether } = report;
  return {
    ...report,
    ...decide(drive, { source, look, pastLooks, truth, guards, guardsTogether }),
    limits: LIMITS,
  };
}
