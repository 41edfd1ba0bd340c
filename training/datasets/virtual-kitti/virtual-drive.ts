import type { Intrinsics } from '../../../msgs/camera/intrinsics.js';

/** One world in one variation, as either version lays it out. */
export interface VirtualDrive {
  /** `0001/clone` or `Scene01/clone`. */
  readonly name: string;
  /** `clone`, `fog`, ... */
  readonly variation: string;
  /** Folders. */
  readonly pictures: string;
  readonly depths: string;
  readonly labels: string;
  /** Names of files; the first group of a picture's is its five digits. */
  readonly pictureName: RegExp;
  /** How the picture of a number is published. */
  publishedName(digits: string): string;
  depthName(digits: string): string;
  labelName(digits: string): string;
  /** Classes by colour, and the file that says them; undefined where it is not there. */
  readonly trainIdByColor?: Readonly<Record<number, number>> | undefined;
  readonly colorsFile: string;
  /** Undefined where the file is not there. */
  readonly intrinsics?: Intrinsics | undefined;
  readonly intrinsicsFile: string;
}
