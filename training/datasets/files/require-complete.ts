import { TrainingError } from '../../errors.js';

/** What to do with frames of a list that are not on the disk. */
export interface Completeness {
  /** `true`: they are left out and named in `missing`. Default `false`: figures of half a split would pass for the whole. */
  readonly allowMissing?: boolean;
}

const NAMED = 3;

/**
 * One sentence on files that should be there and are not; none when nothing is missing.
 * @param what the files are: `pictures`.
 * @param paths of the missing files.
 * @throws TrainingError with the sentence, unless missing files are allowed.
 */
export function requireComplete(
  what: string,
  paths: readonly string[],
  of: number,
  { allowMissing = false }: Completeness,
): string[] {
  if (paths.length === 0) return [];
  const named = paths.slice(0, NAMED).map((path) => `\`${path}\``);
  const more = paths.length > NAMED ? ` and ${paths.length - NAMED} more` : '';
  const sentence = `${paths.length} of ${of} ${what} are missing: ${named.join(', ')}${more}`;
  if (!allowMissing)
    throw new TrainingError(
      `${sentence}. Complete the data set, or allow missing files (\`?missing=allow\`).`,
    );
  return [sentence];
}
