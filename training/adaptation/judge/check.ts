import type { Interval } from './bootstrap.js';
import type { Bound } from './limits.js';

/** One question of the judge and its answer. */
export interface Check {
  readonly name: string;
  /** `open`: the figures do not tell. */
  readonly answer: 'passed' | 'failed' | 'open';
  /** The figure beside its limit, for people. */
  readonly finding: string;
}

/** Asks of a loss whether it is within its bound. */
export function bounded(name: string, what: string, value: Interval, bound: Bound): Check {
  const most = `at most \`${percent(bound.most)}\`, and not for sure more than \`${percent(bound.sure)}\``;
  return check(name, isWithin(value, bound), `${what} ${interval(value)}, ${most}`);
}

/** Whether a loss is within its bound. */
export function isWithin({ mean, low }: Interval, { sure, most }: Bound): boolean {
  return low <= sure && mean <= most;
}

/** A gain of a loss, and the other way round. */
export function negated({ mean, low, high }: Interval): Interval {
  return { mean: -mean, low: -high, high: -low };
}

/** A figure that is not a number fails. */
export function check(name: string, passed: boolean, finding: string): Check {
  return { name, answer: passed ? 'passed' : 'failed', finding };
}

/** Both ends included. */
export function within(value: number, [low, high]: readonly [number, number]): boolean {
  return value >= low && value <= high;
}

/** For people. */
export function interval({ mean, low, high }: Interval): string {
  return `${percent(mean)} (95 % ${percent(low)} to ${percent(high)})`;
}

/** With its sign, for people. */
export function percent(share: number): string {
  return `${share > 0 ? '+' : ''}${(100 * share).toFixed(2)} %`;
}
