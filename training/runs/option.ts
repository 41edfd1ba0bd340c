import { z } from 'zod';

/** How an option is said on a command line. */
export interface Flag {
  /** Without dashes; by default the option's name, `learningRate` as `learning-rate`. */
  readonly flag?: string;
  /** What the value is called in the help; left out for switches. */
  readonly argument?: string;
  readonly help: string;
  /** The option's value from the text, where it is more than a number or a word. @throws TrainingError */
  readonly parse?: (text: string) => unknown;
  /** The text of the option's value, where it is more than itself; undefined: nothing need be said. */
  readonly format?: (value: never) => string | undefined;
  /** The default in words, where it is no constant. */
  readonly otherwise?: string;
}

interface OptionMeta {
  readonly flags: readonly Flag[];
  /** The value of another option's flag sets this one too. */
  readonly with?: string;
}

const OPTIONS = z.registry<OptionMeta>();

/** Declares how an option of a method is said on the command line; several flags where one value can be said in several ways. */
export function option<T extends z.ZodType>(schema: T, ...flags: readonly Flag[]): T {
  const own = schema.clone(); // schemas are shared, names are not
  OPTIONS.add(own, { flags });
  return own;
}

/** An option that the flag of another one sets: the height of `--size`. @param other its `parse` gives both. */
export function optionWith<T extends z.ZodType>(schema: T, other: string): T {
  const own = schema.clone();
  OPTIONS.add(own, { flags: [], with: other });
  return own;
}

/** One flag of a method's command. */
export interface NamedFlag extends Flag {
  readonly flag: string;
  /** The option that it sets; with `others` its text means a record of several. */
  readonly key: string;
  readonly others: readonly string[];
  readonly schema: z.ZodType;
}

/** All flags of a method's options, in the schema's order. */
export function flagsOf(options: z.ZodObject): NamedFlag[] {
  const entries = Object.entries(options.shape) as [string, z.ZodType][]; // a ZodObject's shape
  return entries.flatMap(([key, schema]) => {
    const others = entries.flatMap(([name, other]) => (OPTIONS.get(other)?.with === key ? [name] : []));
    return (OPTIONS.get(schema)?.flags ?? []).map((flag) => ({
      ...flag,
      ...{ key, others, schema, flag: flag.flag ?? dashed(key) },
    }));
  });
}

/** How messages call an option: by its flags, or those of the option it goes with. */
export function flagNames(options: z.ZodObject): Record<string, string> {
  const names: Record<string, string[]> = {};
  for (const { key, others, flag } of flagsOf(options)) {
    for (const name of [key, ...others]) names[name] = [...(names[name] ?? []), `--${flag}`];
  }
  return Object.fromEntries(Object.entries(names).map(([key, flags]) => [key, flags.join(' or ')]));
}

function dashed(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
