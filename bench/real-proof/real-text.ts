import type { RealRow } from './real-row.js';

const VERDICTS = ['promoted', 'rejected', 'undecided'] as const;
const WORTHS = ['good', 'indifferent', 'bad'] as const;

/** The confusion matrix, a line for every candidate, and the last line as JSON. */
export function realText(rows: readonly RealRow[]): string {
  const count = (worth: string, verdict: string) =>
    rows.filter((row) => row.worth.worth === worth && row.report.verdict === verdict).length;
  const matrix = WORTHS.map(
    (worth) => `| ${worth} | ${VERDICTS.map((verdict) => count(worth, verdict)).join(' | ')} |`,
  );
  const percent = (share: number) => `${share > 0 ? '+' : ''}${(100 * share).toFixed(1)} %`;
  const lines = rows.map(({ drive, candidate, family, worth, report }) => {
    const { gain } = report.drive;
    const failed = report.checks.filter(({ answer }) => answer !== 'passed').map(({ name }) => name);
    const guards = report.guards.map((guard) => percent(-guard.drive.gain.mean)).join(', ');
    return (
      `| ${drive} | ${candidate} | ${family} | ${percent(worth.change)} | ${percent(worth.worstDrive)} | ` +
      `${percent(worth.changeMetric)} | ${worth.scenesBetter} of ${worth.scenes} | ${worth.worth} | ` +
      `${percent(-gain.mean)} (${percent(-gain.high)} to ${percent(-gain.low)}) | ${guards} | ${report.verdict} | ${failed.join(', ')} |`
    );
  });
  const summary = {
    candidates: rows.length,
    falsePromotions: count('bad', 'promoted'),
    goodPromoted: count('good', 'promoted'),
    good: rows.filter((row) => row.worth.worth === 'good').length,
  };
  return [
    `| truth | ${VERDICTS.join(' | ')} |`,
    '| --- | --- | --- | --- |',
    ...matrix,
    '',
    '| drive | candidate | how it was made | AbsRel on unseen drives | on the worst of them | in metres | scenes better | worth | photometric error (95 %) | on other drives | verdict | failed checks |',
    '| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |',
    ...lines,
    '',
    JSON.stringify(summary),
  ].join('\n');
}
