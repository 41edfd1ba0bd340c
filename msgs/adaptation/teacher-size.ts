import { MessageError } from '../errors.js';

const SELF = /^self(?:@(.*))?$/;
/** Beyond, neither camera nor processor give anything for it. */
const MOST_TIMES = 4;

/**
 * At how many times its size the model itself teaches, where a teacher's name says so: `self`, or `self@2`.
 * @returns undefined for the name of another model. @throws MessageError for a size that cannot be.
 */
export function teacherSize(text: string): number | undefined {
  const [self, size] = SELF.exec(text) ?? [];
  if (self === undefined) return undefined;
  if (size === undefined) return 1;
  const times = Number(size);
  if (size.trim() !== '' && times >= 1 && times <= MOST_TIMES) return times;
  throw new MessageError(
    `--teacher self@SIZE: expected a size of \`1 to ${MOST_TIMES}\` times the model's own, got \`${size}\``,
  );
}
