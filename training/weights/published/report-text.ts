import type { TakeReport } from './take-parameters.js';

/** Names of one kind that are listed before the rest is only counted. */
const MOST_LISTED = 20;

/** Whether every parameter was filled properly. */
export function isComplete({ missing, wrongShape, twice, notFinite }: TakeReport): boolean {
  return missing.length + wrongShape.length + twice.length + notFinite.length === 0;
}

/** What a user needs to know of an import: counts of what went well, names of what did not. */
export function reportText(report: TakeReport): string {
  const { taken, left, missing, extra, wrongShape, twice, notFinite, converted } = report;
  const names = taken.reduce((sum, entry) => sum + entry.names.length, 0);
  const lines = [`taken: ${taken.length} tensors for ${names} parameters`];
  for (const { key, note } of taken) if (note !== undefined) lines.push(`  ${key}: ${note}`);
  for (const { type, tensors, exact } of converted)
    lines.push(`converted: ${tensors} tensors from ${type} to float32${exact ? '' : ', rounded'}`);
  const reasons = new Map<string, number>();
  for (const { why } of left) reasons.set(why, (reasons.get(why) ?? 0) + 1);
  for (const [why, count] of reasons) lines.push(`left out: ${count} tensors (${why})`);
  const shapes = wrongShape.map(
    ({ key, name, shape, expected }) => `${key} has shape [${shape}], ${name} needs [${expected}]`,
  );
  lines.push(...listed('extra (not of this layout)', extra));
  lines.push(...listed('missing', missing));
  lines.push(...listed('wrong shape', shapes));
  lines.push(...listed('given twice', twice));
  lines.push(...listed('with NaN or infinity', notFinite));
  return lines.join('\n');
}

function listed(title: string, names: readonly string[]): string[] {
  if (names.length === 0) return [];
  const rest = names.length > MOST_LISTED ? [`  ... and ${names.length - MOST_LISTED} more`] : [];
  return [`${title}: ${names.length}`, ...names.slice(0, MOST_LISTED).map((name) => `  ${name}`), ...rest];
}
