import { isRepeated, pictureProblem } from './select-triplets.js';
import { driveParts } from './split-drive.js';
import type { SurveyedFrame } from './survey.js';

/** A picture of one of several drives that shows something, by itself. */
export interface DrivePicture {
  /** In the store. */
  readonly index: number;
  readonly drive: number;
  readonly stampNs: bigint;
}

/** Pictures to learn from and pictures to judge by, with time between them as for triplets. */
export interface DrivePictures {
  readonly adapt: readonly DrivePicture[];
  readonly judge: readonly DrivePicture[];
  /** Left out: black or white, showing nothing, or the one before once more. */
  readonly unusable: number;
}

/** Splits what can be seen of a drive by time. @param frames consecutive in the store. */
export function drivePictures(frames: readonly SurveyedFrame[], drive: number): DrivePictures {
  const usable = frames.filter((frame) => pictureProblem(frame) === undefined && !isRepeated(frame));
  const parts = driveParts(frames);
  const of = (part: (frame: SurveyedFrame) => boolean) =>
    usable.filter(part).map(({ index, stampNs }) => ({ index, drive, stampNs }));
  return { adapt: of(parts.isLearned), judge: of(parts.isJudged), unusable: frames.length - usable.length };
}
