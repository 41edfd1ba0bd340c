import { existsSync } from 'node:fs';
import { cp, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import type { AdaptationRow, RunRow } from './adaptation-row.js';

/** Drives of adaptations, one after another. */
type Sequence = readonly (readonly string[])[];

/** Of the folders of a sequence of adaptations. */
export function sequenceName(sequence: Sequence, seed: number): string {
  return `${sequence.map((drives) => drives.join('+')).join('-then-')}-${seed}`;
}

/** The last adaptation of a sequence, where another experiment has begun with the same ones. */
export function carriedOut(
  rows: readonly AdaptationRow[],
  sequence: Sequence,
  seed: number,
): RunRow | undefined {
  const name = sequenceName(sequence, seed);
  return rows
    .filter((row) => row.seed === seed && row.runs.length >= sequence.length)
    .map(({ runs }) => runs.slice(0, sequence.length))
    .find(
      (runs) =>
        sequenceName(
          runs.map(({ drives }) => drives),
          seed,
        ) === name,
    )
    ?.at(-1);
}

/**
 * Where a sequence keeps its versions: a folder of its own, which begins as a copy of what the sequence without its last
 * adaptation left. So orders that begin in the same way share their beginning.
 */
export async function homeOf(folder: string, sequence: Sequence, seed: number): Promise<string> {
  const home = path.join(folder, sequenceName(sequence, seed));
  const before = path.join(folder, sequenceName(sequence.slice(0, -1), seed));
  if (sequence.length > 1 && !existsSync(home)) {
    const half = `${home}.part`;
    await rm(half, { recursive: true, force: true });
    await cp(before, half, { recursive: true, verbatimSymlinks: true });
    await rename(half, home);
  }
  return home;
}
