import type { Selection, Unusable } from './select-triplets.js';
import type { SplitDrive } from './split-drive.js';

/** Fewer triplets are learned by heart, and fewer say nothing at all about the result. */
const LEAST_ADAPT_TRIPLETS = 10;
const LEAST_JUDGE_TRIPLETS = 3;
const LEAST_FRAMES = 12;

const EXPLANATIONS: Readonly<Record<Unusable, string>> = {
  still: 'the camera hardly moves',
  unchanged: 'the picture is the same again and again (a frozen or looped recording)',
  cut: 'neighbouring pictures do not show the same scene (cuts, gaps, or too little in common)',
  saturated: 'more than half of the picture is black or white',
  empty: 'the picture shows nothing (black, covered lens)',
  border: 'at the ends of the recording',
};

/**
 * Why there is nothing to learn from drives; undefined when there is.
 * @param frames pictures looked at. @param skipped those that could not be.
 */
export function refusal(
  frames: number,
  skipped: number,
  selections: readonly Selection[],
  split: SplitDrive,
): string | undefined {
  const beside = skipped > 0 ? ` (${skipped} more could not be decoded or came out of order)` : '';
  if (frames < LEAST_FRAMES) {
    return `too short: ${frames} pictures${beside}, expected at least \`${LEAST_FRAMES}\``;
  }
  if (split.adapt.length >= LEAST_ADAPT_TRIPLETS && split.judge.length >= LEAST_JUDGE_TRIPLETS)
    return undefined;
  const counts = Object.entries(EXPLANATIONS)
    .map(([reason, text]) => ({
      reason,
      text,
      count: selections.reduce((sum, { unusable }) => sum + unusable[reason as Unusable], 0), // a key of EXPLANATIONS
    }))
    .filter(({ count, reason }) => count > 0 && reason !== 'border')
    .sort((a, b) => b.count - a.count);
  const found =
    `${split.adapt.length} usable triplets to learn from and ${split.judge.length} to judge by, expected at least ` +
    `\`${LEAST_ADAPT_TRIPLETS}\` and \`${LEAST_JUDGE_TRIPLETS}\``;
  if (counts.length === 0) return `too short: ${found} in ${frames} pictures`;
  const reasons = counts.map(({ text, count }) => `${text}: ${count} of ${frames} pictures`);
  return `${reasons.join('; ')}; ${found}`;
}
