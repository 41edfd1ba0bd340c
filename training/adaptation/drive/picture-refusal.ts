import type { Drives } from './survey-drives.js';

/** Fewer are learned by heart, and fewer say nothing about the result. */
const LEAST_ADAPT_PICTURES = 10;
const LEAST_JUDGE_PICTURES = 3;

/** Why there is nothing to learn from single pictures of drives; undefined when there is. */
export function pictureRefusal({ looked, skipped, pictures }: Drives): string | undefined {
  const { adapt, judge, unusable } = pictures;
  if (adapt.length >= LEAST_ADAPT_PICTURES && judge.length >= LEAST_JUDGE_PICTURES) return undefined;
  const beside = skipped > 0 ? ` (${skipped} more could not be decoded or came out of order)` : '';
  const left = unusable > 0 ? `, ${unusable} of them show nothing or repeat the one before` : '';
  return (
    `too little to see: ${looked} pictures${beside}${left}; ${adapt.length} to learn from and ${judge.length} to judge by, ` +
    `expected at least \`${LEAST_ADAPT_PICTURES}\` and \`${LEAST_JUDGE_PICTURES}\``
  );
}
