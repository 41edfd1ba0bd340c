import { TrainingError } from '../../errors.js';
import { FIGURES, type FigureName, type ReportFigures } from './report-figures.js';

/** A figure that has to be at least, or at most, so much. */
export interface Threshold {
  readonly figure: FigureName;
  readonly kind: 'at least' | 'at most';
  readonly limit: number;
}

export interface JudgedThreshold extends Threshold {
  /** NaN: unknown, which misses every threshold. */
  readonly value: number;
  readonly met: boolean;
}

/** @param text `FIGURE=NUMBER` @throws TrainingError that lists the figures. */
export function parseThreshold(text: string, kind: Threshold['kind']): Threshold {
  const [, name = '', number = ''] = /^(\w+)=(.+)$/.exec(text) ?? [];
  const limit = Number(number);
  if (Object.hasOwn(FIGURES, name) && number.trim() !== '' && Number.isFinite(limit))
    return { figure: name as FigureName, kind, limit }; // it is one of them
  const flag = kind === 'at least' ? '--at-least' : '--at-most';
  throw new TrainingError(
    `\`${flag}\`: expected \`FIGURE=NUMBER\`, got ${text}; the figures are ${Object.keys(FIGURES).join(', ')}`,
    { field: flag },
  );
}

/** Each threshold with its figure and whether it is met; NaN meets none. */
export function judge(thresholds: readonly Threshold[], figures: ReportFigures): JudgedThreshold[] {
  return thresholds.map((threshold) => {
    const value = figures[threshold.figure];
    const met = threshold.kind === 'at least' ? value >= threshold.limit : value <= threshold.limit;
    return { ...threshold, value, met };
  });
}
