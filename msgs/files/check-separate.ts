import { MessageError } from '../errors.js';
import { isWithin } from './is-within.js';
import { truePath } from './true-path.js';

/**
 * Refuses an output that is an input, lies in one or holds one, symbolic links followed. Writing it could change or delete
 * what is being read.
 * @param what names the output in the message: `the model folder`.
 * @throws MessageError naming both.
 */
export async function checkSeparate(
  output: string,
  what: string,
  inputs: readonly (readonly [path: string, what: string])[],
): Promise<void> {
  const out = await truePath(output);
  for (const [path, name] of inputs) {
    const input = await truePath(path);
    const how =
      out === input ? 'is' : isWithin(out, input) ? 'lies in' : isWithin(input, out) ? 'holds' : undefined;
    if (how !== undefined)
      throw new MessageError(`${what} \`${output}\` ${how} ${name} \`${path}\`: name another place for it`);
  }
}
