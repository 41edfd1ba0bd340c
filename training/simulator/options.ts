import { TrainingError } from '../errors.js';
import type { Domain } from './domains.js';

export interface DriveOptions {
  readonly domain: Domain;
  readonly seed: number;
  readonly frames: number;
  /** Picture size, pixels. */
  readonly width: number;
  readonly height: number;
  /** Frames a second. */
  readonly frameRate: number;
  /** Focal length in pixels; drawn from the domain when absent. */
  readonly focalPixels?: number;
}

/** Throws a TrainingError that names the option when one cannot be rendered. */
export function checkPictureOptions(
  options: Pick<DriveOptions, 'seed' | 'width' | 'height' | 'focalPixels'>,
): void {
  const whole = (name: 'width' | 'height', low: number, high: number): void => {
    const value = options[name];
    if (!Number.isInteger(value) || value < low || value > high)
      throw new TrainingError(
        `simulator: expected \`${name}\` to be an integer from ${low} to ${high}, got ${value}`,
      );
  };
  whole('width', 8, 8192);
  whole('height', 8, 8192);
  if (!Number.isSafeInteger(options.seed) || options.seed < 0)
    throw new TrainingError(
      `simulator: expected \`seed\` to be an integer from 0 to 2^53 - 1, got ${options.seed}`,
    );
  const focal = options.focalPixels;
  if (focal !== undefined && !(focal > 0 && Number.isFinite(focal)))
    throw new TrainingError(`simulator: expected \`focalPixels\` to be a positive number, got ${focal}`);
}

/** Longest road that a drive may need, metres: a mesh of it must fit the memory. */
const LONGEST_ROAD = 6000;

/** As checkPictureOptions, for a whole drive at up to `topSpeed` metres a second. */
export function checkDriveOptions(options: DriveOptions, topSpeed: number): void {
  checkPictureOptions(options);
  const { frames, frameRate } = options;
  if (!Number.isInteger(frames) || frames < 1)
    throw new TrainingError(`simulator: expected \`frames\` to be a positive integer, got ${frames}`);
  if (!(frameRate > 0 && frameRate <= 1000))
    throw new TrainingError(
      `simulator: expected \`frameRate\` to be in (0, 1000] frames a second, got ${frameRate}`,
    );
  const seconds = frames / frameRate;
  if (seconds * topSpeed > LONGEST_ROAD)
    throw new TrainingError(
      `simulator: expected a drive of at most \`${Math.floor(LONGEST_ROAD / topSpeed)}\` s, got ${frames} frames at ${frameRate} Hz = ${seconds} s; simulate several drives with different seeds`,
    );
}
