import { isDeepStrictEqual } from 'node:util';

/** How the options of a run are called on the command line, and what those that are left out mean. */
export interface OptionNames<T extends object> {
  /** Flags of the options whose flag is not their name with dashes. */
  readonly flags?: Readonly<Partial<Record<keyof T, string>>>;
  readonly defaults?: Readonly<Partial<T>>;
}

/** Longest text of a value in a message. */
const LONGEST = 200;

/**
 * The options that a run was begun with and that differ from those it is asked for now, as
 * `--seed 3, not 4`. One that was left out is the same as its default. Every option counts: all of them decide the outcome.
 */
export function compareOptions<T extends object>(
  saved: T,
  given: T,
  { flags, defaults }: OptionNames<T>,
): string[] {
  const names = [...new Set([...Object.keys(saved), ...Object.keys(given)])] as (keyof T & string)[]; // of both
  return names.flatMap((name) => {
    const before = saved[name] ?? defaults?.[name];
    const now = given[name] ?? defaults?.[name];
    if (isDeepStrictEqual(before, now)) return [];
    const flag = flags?.[name] ?? `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    return [`${flag} ${textOf(before)}, not ${textOf(now)}`];
  });
}

function textOf(value: unknown): string {
  const text = value === undefined ? 'none' : typeof value === 'string' ? value : JSON.stringify(value);
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST)}...`;
}
