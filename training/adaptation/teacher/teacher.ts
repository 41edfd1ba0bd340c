import type { Perceived } from '../../../models/perceive.js';
import type { Intrinsics } from '../../../msgs/camera/intrinsics.js';
import type { RgbPicture } from '../../../msgs/picture/rgb-picture.js';

/**
 * What a teacher's depth has to be brought to metres by. Nothing (`metric`), a scale (`scalable`), a scale and a shift of its
 * inverse (`affine-inverse`) or of itself (`affine`). `none`: it has no depth.
 */
export type TeacherDepth = 'metric' | 'scalable' | 'affine-inverse' | 'affine' | 'none';

/** Which picture of the run's drives is looked at. */
export interface PicturePlace {
  /** Index of the drive, and of the image among those of its topic. */
  readonly drive: number;
  readonly image: number;
}

/** Whoever labels the pictures of a drive for the model that is adapted. */
export interface Teacher {
  /** For people. */
  readonly name: string;
  /** Fingerprint of its answers: labels with another fingerprint are not its own. */
  readonly fingerprint: string;
  readonly depth: TeacherDepth;
  /** Whether its depth was measured: then the drive does not have to confirm it, and few pixels do. */
  readonly measured?: boolean;
  /** Names of its classes by label; empty: it has no labels. */
  readonly classes: readonly string[];
  /** As many pixels as it can make use of. */
  readonly pixels: number;
  /** @returns maps of the picture's size; NaN and 255 where it says nothing. */
  see(picture: RgbPicture, intrinsics: Intrinsics, place: PicturePlace): Promise<Perceived>;
  close(): Promise<void>;
}
