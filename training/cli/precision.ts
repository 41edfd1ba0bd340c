import { InvalidArgumentError } from 'commander';

/** How exported weights are stored. */
export function parsePrecision(text: string): 'F32' | 'F16' {
  if (text === 'F32' || text === 'F16') return text;
  throw new InvalidArgumentError('expected `F32` or `F16`.');
}
