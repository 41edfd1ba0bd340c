import { TrainingError } from '../errors.js';

/** A number as it stands on a command line. @throws TrainingError for anything else. */
export function parseNumber(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value))
    throw new TrainingError(`expected a number, got \`${text}\``);
  return value;
}
