import type { TakeReport } from './take-parameters.js';

/** Names of one kind that are listed before the rest is only counted. */
const MOST_LISTED = 20;

/** Whether every parameter was filled properly. */
export function isComplete({ missing, wrongShape, twice, notFinite }: TakeReport): boolean {
  return missing.length + wrongShape.length + twice.length + notFinite.length === 0;
}

/**
 * What a user needs to know of an import: names of what did not go well, then counts of what did. A tensor of another shape
 * comes before parameters that are missing: it tells which other network the file is of.
 */
export function reportText(report: TakeReport): string {
  const { taken, left, missing, extra, wrongShape, twice, notFinite, converted } = report;
  const names = taken.reduce((sum, entry) => sum + entry.names.length, 0);
  const shapes = wrongShape.map(
    ({ key, name, shape, expected }) => `${key} has shape [${shape}], ${name} needs [${expected}]`,
  );
  const lines = [
    ...listed('wrong shape', shapes),
    ...listed('given twice', twice),
    ...listed('with NaN or infinity', notFinite),
    ...listed('missing', missing),
    ...listed('extra (not of this layout)', extra),
  ];
  lines.push(`taken: ${taken.length} tensors for ${names} parameters`);
  for (const { key, note } of taken) if (note !== undefined) lines.push(`  ${key}: ${note}`);
  for (const { type, tensors, exact } of converted)
    lines.push(`converted: ${tensors} tensors from ${type} to float32${exact ? '' : ', rounded'}`);
  const reasons = new Map<string, number>();
  for (const { why } of left) reasons.set(why, (reasons.get(why) ?? 0) + 1);
  for (const [why, count] of reasons) lines.push(`left out: ${count} tensors (${why})`);
  return lines.join('\n');
}

function listed(title: string, names: readonly string[]): string[] {
  if (names.length === 0) return [];
  const rest = names.length > MOST_LISTED ? [`  ... and ${names.length - MOST_LISTED} more`] : [];
  return [`${title}: ${names.length}`, ...names.slice(0, MOST_LISTED).map((name) => `  ${name}`), ...rest];
}
