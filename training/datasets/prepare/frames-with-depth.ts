import { TrainingError } from '../../errors.js';
import type { FrameSet } from '../files/frame-files.js';
import { lacking, type StoredPicture } from './prepare-frame-set.js';
import type { Preparation } from './prepared-data.js';

/**
 * The frames that have both depth and intrinsics, with their labels where there are any; what else is missing is told.
 * @param place where the data set is.
 * @throws TrainingError when there are none.
 */
export function framesWithDepth(
  { frames, title, missing }: FrameSet,
  place: string,
  { report }: Preparation,
): readonly [StoredPicture, ...StoredPicture[]] {
  const [first, ...others] = frames.flatMap(({ picture: file, intrinsics, depth, labels }) =>
    depth === undefined || intrinsics === undefined
      ? []
      : [{ file, intrinsics, depth, ...(labels && { labels }) }],
  );
  if (first === undefined) {
    throw new TrainingError(
      `${place}: expected frames with \`depth\` and intrinsics, none of ${title} has both${lacking({ missing })}`,
      { file: place },
    );
  }
  for (const sentence of missing) report(`missing: ${sentence}`);
  return [first, ...others];
}
