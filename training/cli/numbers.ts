import { InvalidArgumentError } from 'commander';

/** The value of an option that is a whole number of at least 0. */
export function integer(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0) throw new InvalidArgumentError('expected a whole number');
  return value;
}

/** The value of an option that is a number of at least 0. */
export function number(text: string): number {
  const value = Number(text);
  if (!Number.isFinite(value) || value < 0) throw new InvalidArgumentError('expected a number of at least 0');
  return value;
}
