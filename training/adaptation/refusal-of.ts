import type { AdaptationMethod } from './adaptation-method.js';
import type { Drives } from './drive/survey-drives.js';

/**
 * Why there is nothing for a method to learn from in drives, and which others would learn from them; undefined when there is.
 * @param others all ways to adapt.
 */
export function refusalOf(
  method: AdaptationMethod,
  drives: Drives,
  others: readonly AdaptationMethod[],
): string | undefined {
  const reason = method.refusal(drives);
  if (reason === undefined) return undefined;
  const would = others.filter((other) => other.refusal(drives) === undefined);
  const hints = would.map(({ name, learnsFrom }) => `\`--method ${name}\` would learn from ${learnsFrom}`);
  return [reason, ...hints].join('; ');
}
