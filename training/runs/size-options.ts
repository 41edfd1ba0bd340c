import type { z } from 'zod';
import { type Flag, option, optionWith } from './option.js';
import { sizeFlag } from './size-flag.js';

/**
 * Two options that one flag `--NAME WxH` sets.
 * @param schema of each of both. @param names of the options, width first.
 */
export function sizeOptions<W extends string, H extends string, T extends z.ZodType>(
  schema: T,
  [width, height]: readonly [W, H],
  { flag, ...said }: Pick<Flag, 'help' | 'otherwise'> & { readonly flag: string },
): Record<NoInfer<W | H>, T> {
  return {
    [width]: option(schema, { ...sizeFlag(flag, width, height), ...said }),
    [height]: optionWith(schema, width),
  } as Record<NoInfer<W | H>, T>; // computed names are plain strings to TypeScript
}
