import type { AdaptationRow, ErrorsByDrive, RunRow } from './adaptation-row.js';
import type { DepthErrors } from './measured-drive.js';

/** A line for every adaptation, and the last line as JSON. */
export function adaptationText(rows: readonly AdaptationRow[]): string {
  const names = Object.keys(rows[0]?.runs[0]?.before ?? {});
  const heads = names.flatMap((name) => [`${name}: AbsRel`, 'in metres', 'scale']);
  const lines = rows.flatMap((row) =>
    row.runs.map((run, index) => {
      const cells = names.flatMap((name) => {
        const [before, after] = [run.before, run.candidate].map((errors) => partOf(run, name, errors));
        return [change(before.absRel, after.absRel), change(before.absRelMetric, after.absRelMetric)].concat(
          `${before.scale.toFixed(3)} to ${after.scale.toFixed(3)}`,
        );
      });
      return (
        `| ${row.kind} | ${run.drives.join(', ')} | ${row.seed} | ${run.steps} | ${run.minutes.toFixed(0)} | ${run.verdict} | ` +
        `${cells.join(' | ')} | ${percent(unseen(run))} | ${percent(worst(row.runs.slice(0, index + 1)))} |`
      );
    }),
  );
  const summary = rows.map((row) => ({
    id: row.id,
    verdicts: row.runs.map(({ verdict }) => verdict),
    unseen: row.runs.map(unseen),
    worstAtEnd: worst(row.runs),
  }));
  return [
    'AbsRel, median-scaled, and in metres: before to candidate; of drives that were learned from the kept-aside part. Scale: predicted / true metres.',
    '',
    `| kind | drives | seed | steps | minutes | verdict | ${heads.join(' | ')} | unseen drives, mean AbsRel | worst drive of what is current, against the start |`,
    `| --- | --- | --- | --- | --- | --- |${' --- |'.repeat(heads.length + 2)}`,
    ...lines,
    '',
    JSON.stringify(summary),
  ].join('\n');
}

function partOf(run: Pick<RunRow, 'drives'>, name: string, errors: ErrorsByDrive): DepthErrors {
  const { whole, keptAside } = errors[name];
  return run.drives.includes(name) ? keptAside : whole;
}

/** Mean AbsRel of candidate / before over the drives that were not learned from - 1; NaN where all were. */
function unseen(run: RunRow): number {
  const names = Object.keys(run.before).filter((name) => !run.drives.includes(name));
  const mean = (errors: ErrorsByDrive) =>
    names.reduce((sum, name) => sum + errors[name].whole.absRel, 0) / names.length;
  return mean(run.candidate) / mean(run.before) - 1;
}

/**
 * Of all drives the one that fares worst by what is current after `runs`, against the start: AbsRel after / before - 1. Each by
 * pictures that the current model has not learned from: its whole drive, or the kept-aside part where a promoted run learned from it.
 */
function worst(runs: readonly RunRow[]): number {
  const learned = runs.filter(({ verdict }) => verdict === 'promoted').flatMap(({ drives }) => drives);
  const [before, after] = [runs[0].before, runs[runs.length - 1].after];
  const of = (errors: ErrorsByDrive, name: string) => partOf({ drives: learned }, name, errors).absRel;
  return Math.max(...Object.keys(before).map((name) => of(after, name) / of(before, name) - 1));
}

function change(before: number, after: number): string {
  return `${before.toFixed(3)} to ${after.toFixed(3)} (${percent(after / before - 1)})`;
}

function percent(share: number): string {
  return Number.isNaN(share) ? '' : `${share > 0 ? '+' : ''}${(100 * share).toFixed(1)} %`;
}
