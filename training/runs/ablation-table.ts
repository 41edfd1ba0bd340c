/** Figures of one row of an ablation with one seed. */
export interface AblationResult {
  readonly row: string;
  readonly seed: number;
  readonly metrics: Readonly<Record<string, number>>;
  /** Time spent training. */
  readonly seconds: number;
}

const COLUMNS: readonly (readonly [metric: string, title: string, digits: number])[] = [
  ['absRel', 'AbsRel', 3],
  ['absRelDynamic', 'AbsRel, dynamic classes', 3],
  ['sqRel', 'SqRel', 2],
  ['rmse', 'RMSE', 2],
  ['rmseLog', 'RMSElog', 3],
  ['delta1', 'delta < 1.25', 3],
  ['meanIou', 'mIoU', 3],
];

/** A table in Markdown: mean and, over more than one seed, standard deviation (n - 1) of every row's figures. */
export function ablationTable(rows: readonly string[], results: readonly AblationResult[]): string {
  const lines = rows.map((row) => {
    const own = results.filter((result) => result.row === row);
    const cells = COLUMNS.map(([metric, , digits]) =>
      cell(
        own.map(({ metrics }) => metrics[metric] ?? Number.NaN),
        digits,
      ),
    );
    return [row, String(own.length), ...cells];
  });
  const header = ['row', 'seeds', ...COLUMNS.map(([, title]) => title)];
  return [header, header.map(() => '---'), ...lines].map((line) => `| ${line.join(' | ')} |\n`).join('');
}

function cell(values: readonly number[], digits: number): string {
  if (values.length === 0 || values.some((value) => Number.isNaN(value))) return '-';
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  if (values.length === 1) return mean.toFixed(digits);
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
  return `${mean.toFixed(digits)} +- ${Math.sqrt(variance).toFixed(digits)}`;
}
