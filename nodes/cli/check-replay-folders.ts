import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { isWithin } from '../../msgs/files/is-within.js';
import { truePath } from '../../msgs/files/true-path.js';
import { isRemote } from '../../msgs/remote/remote-url.js';
import { NodeError } from '../errors.js';
import type { ReplayOptions } from './replay-options.js';

/**
 * Checks that nothing is written into the recording and nothing but the bag into the output bag, symbolic links
 * followed: `--overwrite` deletes the output's files.
 * @throws NodeError
 */
export async function checkReplayFolders({
  bag,
  output,
  pictures,
}: Pick<ReplayOptions, 'bag' | 'output' | 'pictures'>): Promise<void> {
  // Nothing on this disk is in the way of a bag at a URL.
  if (isRemote(bag)) {
    if (pictures !== undefined && isWithin(await truePath(pictures), await truePath(output)))
      throw new NodeError(
        `the folder for pictures \`${pictures}\` lies in the output bag \`${output}\`: name one outside of it with --pictures`,
      );
    return;
  }
  const [input, out] = await Promise.all([truePath(bag), truePath(output)]);
  const isFolder = (await stat(input)).isDirectory();
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
