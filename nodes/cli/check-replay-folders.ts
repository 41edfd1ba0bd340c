import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { BagFolder } from '../../msgs/bag/files/bag-folder.js';
import { isWithin } from '../../msgs/files/is-within.js';
import { truePath } from '../../msgs/files/true-path.js';
import { checkPictureFolder } from '../../msgs/picture/make-picture-folder.js';
import { isRemote } from '../../msgs/remote/remote-url.js';
import { NodeError } from '../errors.js';
import type { ReplayOptions } from './replay-options.js';

type Folders = Pick<ReplayOptions, 'bag' | 'output' | 'pictures'> & Partial<Pick<ReplayOptions, 'overwrite'>>;

/**
 * Refuses folders that a replay cannot or must not write, before it opens anything. Nothing is written into the recording and
 * nothing but the bag into the output bag, symbolic links followed: `--overwrite` deletes the output's files.
 * @throws NodeError, MessageError
 */
export async function checkReplayFolders(folders: Folders): Promise<void> {
  await checkSeparation(folders);
  const { output, pictures, overwrite = false } = folders;
  await BagFolder.check(output, overwrite);
  if (pictures !== undefined) await checkPictureFolder(pictures, overwrite);
}

async function checkSeparation({ bag, output, pictures }: Folders): Promise<void> {
  // Nothing on this disk is in the way of a bag at a URL.
  if (isRemote(bag)) {
    if (pictures !== undefined && isWithin(await truePath(pictures), await truePath(output)))
      throw new NodeError(
        `the folder for pictures \`${pictures}\` lies in the output bag \`${output}\`: name one outside of it with --pictures`,
      );
    return;
  }
  const [input, out] = await Promise.all([truePath(bag), truePath(output)]);
  // Whether the bag is there at all is told by its reader.
  const isFolder = (await stat(input).catch(() => undefined))?.isDirectory() ?? false;
  if (isFolder ? isWithin(out, input) : out === dirname(input)) {
    const how =
      out === input ? 'is the input bag' : isFolder ? 'lies in the input bag' : 'holds the input bag';
    throw new NodeError(`the output bag \`${output}\` ${how} \`${bag}\`: name another folder with --output`);
  }
  if (pictures === undefined) return;
  const panels = await truePath(pictures);
  for (const [folder, what] of [
    ...(isFolder ? [[input, `the input bag \`${bag}\``] as const] : []),
    [out, `the output bag \`${output}\``] as const,
  ]) {
    if (!isWithin(panels, folder)) continue;
    throw new NodeError(
      `the folder for pictures \`${pictures}\` lies in ${what}: name one outside of it with --pictures`,
    );
  }
}
