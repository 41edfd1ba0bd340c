import { z } from 'zod';
import type { Length } from './method.js';
import { option, optionWith } from './option.js';
import { parseNumber } from './parse-number.js';
import { sizeFlag } from './size-flag.js';

const side = z.number().int().positive().multipleOf(32);

/** `--size WxH` of the network's pictures. @param words the default, and what else the help says. */
export function sizeOptions({ otherwise, also = '' }: { otherwise: string; also?: string }) {
  return {
    width: option(side, {
      ...sizeFlag('size', 'width', 'height'),
      help: `size of the network's pictures, multiples of 32${also}`,
      otherwise,
    }),
    height: optionWith(side, 'width'),
  };
}

/**
 * `--steps`, `--epochs` or `--minutes`: so many steps, passes over data, or what a measurement at the start finds room for.
 * @param otherwise the default, in words. @param passes over what an epoch passes: `the source's images`.
 */
export function lengthOption({ otherwise, passes }: { otherwise: string; passes: string }) {
  return option(
    z.union([
      z.strictObject({ steps: z.number().int().positive() }),
      z.strictObject({ epochs: z.number().positive() }),
      z.strictObject({ minutes: z.number().positive() }),
    ]),
    {
      ...{ flag: 'steps', argument: 'n', help: 'training steps', otherwise },
      parse: (text) => ({ steps: parseNumber(text) }),
      format: (length: Length) => ('steps' in length ? String(length.steps) : undefined),
    },
    {
      ...{ flag: 'epochs', argument: 'n', help: `passes over ${passes} instead of --steps` },
      parse: (text) => ({ epochs: parseNumber(text) }),
      format: (length: Length) => ('epochs' in length ? String(length.epochs) : undefined),
    },
    {
      ...{ flag: 'minutes', argument: 'n' },
      help: 'instead of --steps: about so long, by timing a few steps at the start',
      parse: (text) => ({ minutes: parseNumber(text) }),
      format: (length: Length) => ('minutes' in length ? String(length.minutes) : undefined),
    },
  );
}

/** `--learning-rate` for `droppedLearningRate`, as Monodepth2 has it. */
export const DROPPED_RATE = option(z.number().positive(), {
  help: 'learning rate, a tenth of it for the last quarter',
  otherwise: '1e-4 for paper, else 1e-3',
});
