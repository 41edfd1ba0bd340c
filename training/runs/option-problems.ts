import type { z } from 'zod';
import { flagsOf, type NamedFlag } from './option.js';

type Issue = z.core.$ZodIssue;

/**
 * What is wrong with options, each cause once: the flag that says it, what it expects and what was given. An option that
 * another one filled in is not named beside it.
 * @param value all options. @param given names of those that somebody gave.
 */
export function optionProblems(
  options: z.ZodObject,
  value: Readonly<Record<string, unknown>>,
  issues: readonly Issue[],
  given: readonly string[],
): string {
  const flags = flagsOf(options);
  const own = issues.filter(({ path: [key] }) => given.includes(String(key)));
  const problems = new Map<string, string>();
  // What a method says itself of an option comes last, and says more.
  for (const issue of (own.length > 0 ? own : issues).toSorted((a, b) => rank(a) - rank(b))) {
    const [key] = issue.path;
    const flag = flagFor(flags, String(key ?? ''), value);
    problems.set(flag?.flag ?? String(key), problemOf(innermost(issue), flags, value));
  }
  return [...problems.values()].join('; ');
}

const rank = ({ code }: Issue) => Number(code === 'custom');

function problemOf(
  issue: Issue,
  flags: readonly NamedFlag[],
  value: Readonly<Record<string, unknown>>,
): string {
  if (issue.code === 'unrecognized_keys')
    return `expected no options \`${issue.keys.join('`, `')}\`, which this method does not have`;
  const key = String(issue.path[0] ?? '');
  const flag = flagFor(flags, key, value);
  const name = flag === undefined ? `\`${key}\`` : `--${flag.flag}`;
  if (issue.code === 'custom')
    return issue.message.startsWith('--') ? issue.message : `${name}: ${issue.message}`;
  const got = flag === undefined ? String(value[key]) : textOf(flag, value);
  return `${name}: expected ${expected(issue)}${got === undefined ? '' : `, got \`${got}\``}`;
}

/** Where a value may be of several shapes, what is wrong with the one that it has most of. */
function innermost(issue: Issue): Issue {
  if (issue.code !== 'invalid_union') return issue;
  const [nearest] = issue.errors.toSorted((a, b) => a.length - b.length);
  const [inner] = nearest ?? [];
  return inner === undefined ? issue : innermost({ ...inner, path: [...issue.path, ...inner.path] });
}

function expected(issue: Issue): string {
  switch (issue.code) {
    case 'too_small':
      return `${issue.inclusive === false ? 'more than' : 'at least'} ${issue.minimum}`;
    case 'too_big':
      return `${issue.inclusive === false ? 'less than' : 'at most'} ${issue.maximum}`;
    case 'not_multiple_of':
      return `multiples of ${issue.divisor}`;
    case 'invalid_type':
      return issue.expected === 'int' ? 'a whole number' : `a ${issue.expected}`;
    case 'invalid_value':
      return issue.values.map((each) => `\`${String(each)}\``).join(' or ');
    default:
      return `something else (${issue.message})`;
  }
}

/** The flag that sets an option; of several the one that says its value. */
function flagFor(
  flags: readonly NamedFlag[],
  key: string,
  value: Readonly<Record<string, unknown>>,
): NamedFlag | undefined {
  const able = flags.filter((flag) => flag.key === key || flag.others.includes(key));
  return able.find((flag) => textOf(flag, value) !== undefined) ?? able[0];
}

function textOf(
  { key, others, format }: NamedFlag,
  value: Readonly<Record<string, unknown>>,
): string | undefined {
  const whole =
    others.length === 0 ? value[key] : Object.fromEntries([key, ...others].map((k) => [k, value[k]]));
  if (value[key] === undefined) return undefined;
  return format === undefined ? String(value[key]) : format(whole as never); // of its own option
}
