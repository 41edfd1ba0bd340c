import type { BagProblem } from './bag-reader.js';

/** More would hide what the error says. */
const MOST_TOLD = 5;

/**
 * What could not be read of a bag, for an error that may come of it: nobody looks for the damage of a bag that "has no topics".
 * Begins with a line break; empty where all was read.
 */
export function toldProblems(problems: readonly BagProblem[]): string {
  if (problems.length === 0) return '';
  const lines = problems
    .slice(0, MOST_TOLD)
    .map(({ file, what, lost }) => `  ${file}: ${what}; lost: ${lost}`);
  const others = problems.length - lines.length;
  return `\nNot all of it could be read:\n${lines.join('\n')}${others > 0 ? `\n  and ${others} more` : ''}`;
}
