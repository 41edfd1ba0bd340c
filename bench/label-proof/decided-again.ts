import type { JudgeReport } from '../../training/adaptation/judge/judge.js';
import { decideLabels } from '../../training/adaptation/judge/labels/label-verdict.js';

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
  if (labels === undefined) return report;
  const others = { source, look, pastLooks, truth, guards, guardsTogether };
  return { ...report, ...decideLabels({ labels, guards: guardLabels, drive, pictures, others }) };
}
