import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { MessageError } from '../../../../msgs/errors.js';
import { fingerprint, readAll } from '../read-all.js';
import type { BaseBag } from './base-bags.js';
import { mutate } from './mutate.js';
import { Random } from './random.js';

/** What became of a damaged bag. */
export interface MutantOutcome {
  readonly form: string;
  readonly kind: 'read' | 'refused' | 'untyped error';
  /** Messages of the intact bag that were not read. */
  readonly lost: number;
  /** Messages that were read and are none of the intact bag. */
  readonly strange: number;
  /** Whether anything was reported, or the bag refused. */
  readonly isTold: boolean;
  /** A loss that nobody is told of although the form of the bag lets a reader notice it. */
  readonly isSilent: boolean;
  readonly error?: string;
}

/** Damages a bag as `seed` says, in `folder`, and reads it. The same seed and bags give the same outcome. */
export async function readMutant(
  bags: readonly BaseBag[],
  seed: number,
  folder: string,
): Promise<MutantOutcome> {
  const random = new Random(seed);
  const base = bags[random.below(bags.length)]; // never empty
  const { form, guard } = base;
  const names = [...base.files.keys()];
  // The metadata is small and simple: mostly the bag itself is damaged.
  const damaged = random.below(4) === 0 ? names.at(-1) : names[0];
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  for (const [name, bytes] of base.files)
    writeFileSync(join(folder, name), name === damaged ? mutate(bytes, random) : bytes);
  try {
    const { messages, problems } = await readAll(folder);
    const left = new Map<string, number>();
    for (const print of base.messages) left.set(print, (left.get(print) ?? 0) + 1);
    let strange = 0;
    for (const message of messages) {
      const print = fingerprint(message);
      const count = left.get(print) ?? 0;
      if (count > 0) left.set(print, count - 1);
      else strange += 1;
    }
    const lost = [...left.values()].reduce((sum, count) => sum + count, 0);
    const isTold = problems.length > 0;
    const canBeTold = guard === 'crc' ? lost > 0 || strange > 0 : lost > strange;
    return { form, kind: 'read', lost, strange, isTold, isSilent: canBeTold && !isTold };
  } catch (error) {
    const lost = base.messages.length;
    if (error instanceof MessageError)
      return { form, kind: 'refused', lost, strange: 0, isTold: true, isSilent: false };
    const text = (error as Error).stack ?? String(error);
    return { form, kind: 'untyped error', lost, strange: 0, isTold: false, isSilent: true, error: text };
  }
}
