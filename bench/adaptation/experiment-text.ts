import { createHash } from 'node:crypto';
import { domainNamed } from '../../training/simulator/domains.js';
import type { DriveQuality } from './drive-quality.js';
import type { ExperimentRow, Quality } from './experiment-row.js';

/** What identifies a domain's definition: the start of the SHA-256 of its JSON. */
export function domainHash(name: string): string {
  return createHash('sha256')
    .update(JSON.stringify(domainNamed(name)))
    .digest('hex')
    .slice(0, 12);
}

type Scaling = keyof DriveQuality;
type Model = keyof Quality;

/** The table of the experiment; the last line is JSON. */
export function experimentText(rows: readonly ExperimentRow[], domains: readonly [string, string]): string {
  const [source, target] = domains;
  const change = (row: ExperimentRow, of: 'target' | 'source', model: Model, scaling: Scaling) =>
    row[of][model][scaling] / row[of].before[scaling] - 1;
  const percent = (share: number) => `${share > 0 ? '+' : ''}${(100 * share).toFixed(1)} %`;
  const cell = (row: ExperimentRow, of: 'target' | 'source', model: Model, scaling: Scaling) =>
    `${row[of][model][scaling].toFixed(4)} (${percent(change(row, of, model, scaling))})`;
  const lines = rows.flatMap((row) =>
    (['medianScaled', 'unscaled'] as const).map((scaling) =>
      [
        '',
        row.seed,
        scaling === 'medianScaled' ? 'median-scaled' : 'unscaled',
        row.target.before[scaling].toFixed(4),
        cell(row, 'target', 'adapted', scaling),
        cell(row, 'target', 'oracle', scaling),
        row.source.before[scaling].toFixed(4),
        cell(row, 'source', 'adapted', scaling),
        `${row.steps} steps, ${row.minutes.toFixed(1)} min (${row.processorMinutes.toFixed(1)} of a processor)`,
        row.verdict,
        '',
      ]
        .join(' | ')
        .trim(),
    ),
  );
  const mean = (of: 'target' | 'source', model: Model, scaling: Scaling) =>
    rows.reduce((sum, row) => sum + change(row, of, model, scaling), 0) / rows.length;
  const summary = {
    domains: Object.fromEntries(domains.map((name) => [name, domainHash(name)])),
    seeds: rows.length,
    targetChange: mean('target', 'adapted', 'medianScaled'),
    targetChangeUnscaled: mean('target', 'adapted', 'unscaled'),
    sourceChange: mean('source', 'adapted', 'medianScaled'),
    oracleChange: mean('target', 'oracle', 'medianScaled'),
  };
  return [
    `Domains: ${source} ${domainHash(source)}, ${target} ${domainHash(target)}`,
    '',
    `| seed | AbsRel | ${target} before | adapted | oracle | ${source} before | adapted | took | judge |`,
    '| --- | --- | --- | --- | --- | --- | --- | --- | --- |',
    ...lines,
    '',
    JSON.stringify(summary),
  ].join('\n');
}
