import type { ProofRow } from './proof-row.js';

const VERDICTS = ['promoted', 'rejected', 'undecided'] as const;
const WORTHS = ['good', 'indifferent', 'bad'] as const;

/** The confusion matrix, a line for every candidate, and the last line as JSON. */
export function proofText(rows: readonly ProofRow[]): string {
  const count = (worth: string, verdict: string) =>
    rows.filter(({ truth, report }) => truth.worth === worth && report.verdict === verdict).length;
  const matrix = WORTHS.map(
    (worth) => `| ${worth} | ${VERDICTS.map((verdict) => count(worth, verdict)).join(' | ')} |`,
  );
  const percent = (share: number) => `${share > 0 ? '+' : ''}${(100 * share).toFixed(1)} %`;
  const lines = rows.map(({ drive, candidate, family, truth, report }) => {
    const { gain } = report.drive;
    const failed = report.checks.filter(({ answer }) => answer !== 'passed').map(({ name }) => name);
    return (
      `| ${drive} | ${candidate} | ${family} | ${percent(-truth.gain)} | ${percent(truth.sourceLoss)} | ${truth.worth} | ` +
      `${percent(-gain.mean)} (${percent(-gain.high)} to ${percent(-gain.low)}) | ${report.verdict} | ${failed.join(', ')} |`
    );
  });
  const falsePromotions = count('bad', 'promoted');
  const summary = {
    candidates: rows.length,
    falsePromotions,
    goodPromoted: count('good', 'promoted'),
    good: rows.filter(({ truth }) => truth.worth === 'good').length,
  };
  return [
    `| truth | ${VERDICTS.join(' | ')} |`,
    '| --- | --- | --- | --- |',
    ...matrix,
    '',
    '| drive | candidate | how it was made | true AbsRel | source AbsRel | worth | photometric error (95 %) | verdict | failed checks |',
    '| --- | --- | --- | --- | --- | --- | --- | --- | --- |',
    ...lines,
    '',
    JSON.stringify(summary),
  ].join('\n');
}
