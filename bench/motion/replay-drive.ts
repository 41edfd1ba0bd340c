import type { ReplayOptions } from '../../nodes/cli/replay-options.js';
import { runReplay } from '../../nodes/cli/run-replay.js';

/** `rxdepth replay BAG -o OUTPUT`, with these options besides. @throws where frames failed. */
export async function replayDrive(
  bag: string,
  output: string,
  options: Partial<ReplayOptions> = {},
): Promise<string> {
  const { framesIn, framesOut } = await runReplay(
    {
      ...{ bag, output, device: 'cpu', pointsStride: 4, motion: true, depthEncoding: '32FC1' },
      ...{ pictureEvery: 10, images: false, overwrite: true, verbose: false },
      ...options,
    },
    { progress: { write: () => {} }, signal: new AbortController().signal },
  );
  if (framesOut < framesIn) throw new Error(`${bag}: ${framesIn - framesOut} of ${framesIn} frames failed`);
  return output;
}
