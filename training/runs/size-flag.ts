import type { Flag } from './option.js';
import { parseSize } from './parse-size.js';

/** A flag `--NAME WxH` that sets two options; the second one is declared by `optionWith`. */
export function sizeFlag(flag: string, width: string, height: string): Omit<Flag, 'help'> {
  return {
    ...{ flag, argument: 'WxH' },
    parse: (text) => {
      const size = parseSize(text);
      return { [width]: size.width, [height]: size.height };
    },
    format: (size: Readonly<Record<string, number>>) => `${size[width]}x${size[height]}`,
  };
}
