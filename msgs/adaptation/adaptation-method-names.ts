import { MessageError } from '../errors.js';

/** Ways to adapt, by their names; the first is taken where none is named. */
export const ADAPTATION_METHOD_NAMES = ['sgdepth', 'da-monodepth', 'dada'] as const;
export type AdaptationMethodName = (typeof ADAPTATION_METHOD_NAMES)[number];

/** Those that learn from what teachers say: it counts where the motion of the camera confirms it. */
const TEACHABLE: readonly AdaptationMethodName[] = ['sgdepth'];

/** Whether a way to adapt asks teachers, if there are any. */
export function usesTeachers(name: AdaptationMethodName): boolean {
  return TEACHABLE.includes(name);
}

/**
 * What `--method` names: one way to adapt, or several, comma-separated.
 * @returns at least one. @throws MessageError for a name that none has, or that is there twice.
 */
export function parseMethodNames(text: string): AdaptationMethodName[] {
  const names = text.split(',').map((name) => name.trim());
  const known = ADAPTATION_METHOD_NAMES.map((name) => `\`${name}\``).join(', ');
  const found = names.map((name) => {
    const method = ADAPTATION_METHOD_NAMES.find((each) => each === name);
    if (method !== undefined) return method;
    throw new MessageError(`expected ${known}, or several of them with commas between, got \`${text}\``);
  });
  const twice = found.find((name, i) => found.indexOf(name) < i);
  if (twice === undefined) return found;
  throw new MessageError(`expected each method once, got \`${twice}\` twice in \`${text}\``);
}
