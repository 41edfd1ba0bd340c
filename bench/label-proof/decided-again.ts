import type { JudgeReport } from '../../training/adaptation/judge/judge.js';
import { decideLabels } from '../../training/adaptation/judge/labels/label-verdict.js';
import { JUDGE_VERSION } from '../../training/adaptation/judge/verdict.js';

/** A report about labels by the bounds as they are now. */
export function labelsDecidedAgain(report: JudgeReport): JudgeReport {
  const {
    labels,
    guardLabels = [],
    drive,
    pictures,
    source,
    look,
    pastLooks,
    truth,
    guards,
    guardsTogether,
  } = report;
  // Reports of earlier judges lack what this one asks.
  if (labels === undefined || report.judgeVersion !== JUDGE_VERSION) return report;
  const others = { source, look, pastLooks, truth, guards, guardsTogether };
  return { ...report, ...decideLabels({ labels, guards: guardLabels, drive, pictures, others }) };
}
