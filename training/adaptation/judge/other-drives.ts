import path from 'node:path';
import type { ModelRunner } from '../../../models/model-runner.js';
import type { LearningOptions } from '../learning-options.js';
import { guardDrives } from './guard-drives.js';
import { rememberedGuards } from './guard-memory.js';
import type { JudgedDrive } from './judged-drive.js';

/** Other drives to judge by: those that the user named, and past ones. */
export async function otherDrives(
  options: LearningOptions,
  parent: ModelRunner,
  names: readonly string[],
): Promise<JudgedDrive[]> {
  const { guards: bags = [], guardFolder, work, lidar, signal, report } = options;
  const folder = path.join(work.frames, 'guards');
  const named = await guardDrives({
    ...{ bags, names: options.names, parent, folder, lidar: lidar !== false },
    ...{ signal, report },
  });
  if (guardFolder === undefined) return named;
  const known = [...names, names.join(), ...named.map(({ name }) => name)];
  const past = await rememberedGuards(guardFolder, known, parent, folder);
  if (past.length > 0) report(`judging by ${past.length} past drives, too`);
  return [...named, ...past];
}
