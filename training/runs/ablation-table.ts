/** Figures by name. */
export type Figures = Readonly<Record<string, number>>;

/** Figures of one row of an ablation with one seed. */
export interface AblationResult {
  readonly row: string;
  readonly seed: number;
  /** Metrics of the last validation. */
  readonly metrics: Figures;
  /** Evaluations by the data that the model was evaluated on. */
  readonly evaluations?: Readonly<Record<string, Figures>>;
  /** Time spent training. */
  readonly seconds: number;
}

/** Figures that have a name of their own and a place in the order; others follow under the name that the method gives them. */
const KNOWN: readonly (readonly [figure: string, title: string, digits: number])[] = [
  ['absRel', 'AbsRel', 3],
  ['absRelMedianScaled', 'AbsRel, scaled', 3],
  ['absRelDynamic', 'AbsRel, dynamic classes', 3],
  ['sqRel', 'SqRel', 2],
  ['rmse', 'RMSE', 2],
  ['rmseLog', 'RMSElog', 3],
  ['delta1', 'delta < 1.25', 3],
  ['delta2', 'delta < 1.25^2', 3],
  ['delta3', 'delta < 1.25^3', 3],
  ['meanIou', 'mIoU', 3],
];
const OTHER_DIGITS = 3;

interface SeedFigures {
  readonly row: string;
  readonly figures: Figures;
}

/**
 * A table in Markdown: of every row how many seeds there are, and of each figure the mean and, over more than one seed, the
 * standard deviation (n - 1). A figure that some seed of a row lacks is `-`; one that all lack has no column.
 */
export function ablationTable(rows: readonly string[], results: readonly SeedFigures[]): string {
  const present = new Set(results.flatMap(({ figures }) => Object.keys(figures)));
  const known = KNOWN.filter(([figure]) => present.has(figure));
  const others = [...present].filter((figure) => known.every(([name]) => name !== figure));
  const columns = [...known, ...others.map((figure) => [figure, figure, OTHER_DIGITS] as const)];
  const lines = rows.map((row) => {
    const own = results.filter((result) => result.row === row);
    const cells = columns.map(([figure, , digits]) =>
      cell(
        own.map(({ figures }) => figures[figure] ?? Number.NaN),
        digits,
      ),
    );
    return [row, String(own.length), ...cells];
  });
  const header = ['row', 'seeds', ...columns.map(([, title]) => title)];
  return [header, header.map(() => '---'), ...lines].map((line) => `| ${line.join(' | ')} |\n`).join('');
}

function cell(values: readonly number[], digits: number): string {
  if (values.length === 0 || values.some((value) => Number.isNaN(value))) return '-';
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  if (values.length === 1) return mean.toFixed(digits);
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
  return `${mean.toFixed(digits)} +- ${Math.sqrt(variance).toFixed(digits)}`;
}
