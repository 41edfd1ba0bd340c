import { type RealRow, withoutGuards, worthOf } from './real-row.js';

const VERDICTS = ['promoted', 'rejected', 'undecided'] as const;
const WORTHS = ['good', 'indifferent', 'bad'] as const;

type Judged = { readonly worth: string; readonly verdict: string };

/**
 * The confusion matrices with other drives to ask and with none, a line for every candidate, and the last line as JSON.
 * Worth and verdict without guards are in brackets.
 */
export function realText(rows: readonly RealRow[]): string {
  const guarded = rows.map((row) => ({ worth: worthOf(row).worth, verdict: row.report.verdict }));
  const alone = rows.map((row) => {
    const { worth, verdict } = withoutGuards(row);
    return { worth: worth.worth, verdict };
  });
  const percent = (share: number) => `${share > 0 ? '+' : ''}${(100 * share).toFixed(1)} %`;
  const lines = rows.map((row, i) => {
    const { drive, candidate, family, report } = row;
    const worth = worthOf(row);
    const { gain } = report.drive;
    const failed = report.checks.filter(({ answer }) => answer !== 'passed').map(({ name }) => name);
    const guards = report.guards.map((guard) => percent(-guard.drive.gain.mean)).join(', ');
    return (
      `| ${drive} | ${candidate} | ${family} | ${percent(worth.change)} (${percent(withoutGuards(row).worth.change)}) | ` +
      `${percent(withoutGuards(row).worth.worstDrive)} | ${percent(worth.changeMetric)} | ` +
      `${worth.scenesBetter} of ${worth.scenes} | ${worth.worth} (${alone[i].worth}) | ` +
      `${percent(-gain.mean)} (${percent(-gain.high)} to ${percent(-gain.low)}) | ${guards} | ` +
      `${report.verdict} (${alone[i].verdict}) | ${failed.join(', ')} |`
    );
  });
  return [
    'With other drives to ask:',
    ...matrix(guarded),
    '',
    'With none:',
    ...matrix(alone),
    '',
    '| drive | candidate | how it was made | AbsRel on unseen drives | on the worst of them | in metres | scenes better | worth | photometric error (95 %) | on other drives | verdict | failed checks |',
    '| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |',
    ...lines,
    '',
    JSON.stringify({ candidates: rows.length, guarded: summary(guarded), alone: summary(alone) }),
  ].join('\n');
}

function matrix(judged: readonly Judged[]): string[] {
  return [
    `| truth | ${VERDICTS.join(' | ')} |`,
    '| --- | --- | --- | --- |',
    ...WORTHS.map(
      (worth) => `| ${worth} | ${VERDICTS.map((verdict) => count(judged, worth, verdict)).join(' | ')} |`,
    ),
  ];
}

function summary(judged: readonly Judged[]) {
  return {
    falsePromotions: count(judged, 'bad', 'promoted'),
    goodPromoted: count(judged, 'good', 'promoted'),
    good: judged.filter(({ worth }) => worth === 'good').length,
  };
}

function count(judged: readonly Judged[], worth: string, verdict: string): number {
  return judged.filter((each) => each.worth === worth && each.verdict === verdict).length;
}
