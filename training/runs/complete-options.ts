import { z } from 'zod';
import { TrainingError } from '../errors.js';
import type { Method } from './method.js';
import { flagsOf } from './option.js';
import { optionProblems } from './option-problems.js';
import type { RunOptions } from './run-options.js';

/**
 * Options of a method that were saved, or given on a command line.
 * @param given names of those that were given, where the others follow from them.
 * @throws TrainingError naming what is wrong.
 */
export function parseOptions<O extends RunOptions>(
  { options }: Pick<Method<O>, 'options'>,
  value: unknown,
  source: string,
  given?: readonly string[],
): O {
  const result = options.safeParse(value);
  if (result.success) return result.data as unknown as O; // the schema of this method
  const { issues } = result.error;
  // A file's problems are told by the names that stand in it.
  const said =
    given === undefined
      ? z.prettifyError(result.error)
      : optionProblems(options, valuesOf(value), issues, given);
  throw new TrainingError(`${source}: ${said}`, {
    field: issues[0]?.path.join('.'),
  });
}

function valuesOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

/** All options from those that were given: the preset, what follows from others, and the schema's defaults fill in. */
export function completeOptions<O extends RunOptions>(
  method: Pick<Method<O>, 'name' | 'options' | 'presets' | 'defaults'>,
  given: Partial<O>,
): O {
  const [standard = ''] = Object.keys(method.presets);
  const preset = given.preset ?? standard;
  const known = Object.hasOwn(method.presets, preset) ? method.presets[preset] : undefined;
  if (known === undefined) {
    const names = Object.keys(method.presets).map((name) => `\`${name}\``);
    throw new TrainingError(`--preset: expected ${names.join(', ')}, got ${preset}`, { field: '--preset' });
  }
  const chosen = { ...known, ...given, preset };
  const all = { ...method.defaults?.(chosen), ...chosen };
  return parseOptions(method, all, `train ${method.name}`, Object.keys(given));
}

/** The command that makes a run. */
export function commandOf(
  { name, options: schema }: Pick<Method, 'name' | 'options'>,
  options: RunOptions,
): string {
  const values: Readonly<Record<string, unknown>> = { ...options };
  const flags = flagsOf(schema).flatMap(({ key, others, flag, argument, format }) => {
    const value = values[key];
    const whole =
      others.length === 0 ? value : Object.fromEntries([key, ...others].map((k) => [k, values[k]]));
    const text =
      value === undefined ? undefined : format === undefined ? String(value) : format(whole as never); // of its own option
    if (text === undefined) return [];
    if (typeof value === 'boolean' && argument === undefined) return value ? [] : [`--no-${flag}`];
    return [`--${flag} ${/^[\w.,:+/-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`}`];
  });
  const parent = options.parent === undefined ? [] : [`--init ${options.parent}`];
  const parts = options.parentParts === undefined ? [] : [`--init-parts ${options.parentParts.join()}`];
  // Of a run that starts from another one's weights, those give the encoder.
  const given = options.parent === undefined ? options.encoder : undefined;
  const encoder = given === undefined ? [] : [`--init-encoder ${given.file}`];
  const compute = options.compute === 'mixed' ? ['--compute mixed'] : [];
  return [`rxdepth train ${name} --output RUN`, ...flags, ...parent, ...parts, ...encoder, ...compute].join(
    ' ',
  );
}
