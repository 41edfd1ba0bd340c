import type { JudgeReport } from '../../training/adaptation/judge/judge.js';
import type { LabelWorth } from './label-worth.js';

/** A candidate, what the simulator knows of its labels and what the judge said. */
export interface LabelProofRow {
  readonly drive: string;
  readonly candidate: string;
  readonly family: string;
  readonly truth: LabelWorth;
  readonly report: JudgeReport;
}

const VERDICTS = ['promoted', 'rejected', 'undecided'] as const;
const WORTHS = ['good', 'indifferent', 'bad'] as const;

/** The confusion matrix, a line for every candidate, and the last line as JSON. */
export function labelProofText(rows: readonly LabelProofRow[]): string {
  const count = (worth: string, verdict: string) =>
    rows.filter(({ truth, report }) => truth.worth === worth && report.verdict === verdict).length;
  const points = (share: number | undefined) =>
    share === undefined ? '-' : `${share > 0 ? '+' : ''}${(100 * share).toFixed(1)}`;
  const lines = rows.map(({ drive, candidate, family, truth, report }) => {
    const { labels } = report;
    const failed = report.checks.filter(({ answer }) => answer !== 'passed').map(({ name }) => name);
    const place = labels && labels.placeGain.mean / labels.parentPlace;
    return (
      `| ${drive} | ${candidate} | ${family} | ${points(truth.meanIou)} | ${points(truth.categoriesIou)} | ${points(truth.dynamicIou)} | ${truth.worth} | ` +
      `${points(labels?.timeGain?.mean)} | ${points(labels?.mirrorGain.mean)} | ${points(place)} | ${report.verdict} | ${failed.join(', ')} |`
    );
  });
  const summary = {
    candidates: rows.length,
    falsePromotions: count('bad', 'promoted'),
    goodPromoted: count('good', 'promoted'),
    good: rows.filter(({ truth }) => truth.worth === 'good').length,
  };
  return [
    `| truth | ${VERDICTS.join(' | ')} |`,
    '| --- | --- | --- | --- |',
    ...WORTHS.map(
      (worth) => `| ${worth} | ${VERDICTS.map((verdict) => count(worth, verdict)).join(' | ')} |`,
    ),
    '',
    '| drive | candidate | how it was made | mIoU | categories | dynamic | worth | over time | mirror | place, % | verdict | failed checks |',
    '| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |',
    ...lines,
    '',
    JSON.stringify(summary),
  ].join('\n');
}
