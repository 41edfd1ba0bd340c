import { basename, resolve } from 'node:path';
import { InvalidArgumentError } from 'commander';
import type { DeviceChoice } from '../../models/device.js';
import { MOST_THREADS } from '../../models/session-options.js';
import type { CameraSettings } from '../../msgs/camera/camera-settings.js';
import { isRemote, remoteName } from '../../msgs/remote/remote-url.js';
import type { DepthEncoding } from '../perception/engine/inference-request.js';
import { SCALE_SOURCES, type ScaleSource } from '../perception/scale/scale-source.js';

/** The source of the metric scale; a number is a constant factor. */
export type ScaleChoice = Exclude<ScaleSource, 'constant'> | number;

/** Options of `rxdepth replay`. */
export interface ReplayOptions extends CameraSettings {
  /** Path or URL of the recorded bag. */
  readonly bag: string;
  /** Path of the output bag's folder. */
  readonly output: string;
  /** Multiple of the recording's speed, above 0; default: as fast as possible. */
  readonly rate?: number;
  /** Folder for PNG panels; default: no panels. */
  readonly pictures?: string;
  /** Every n-th frame gets a panel, at least 1. */
  readonly pictureEvery: number;
  /** Model folder, or version as `NAME/N`; default: the current version. */
  readonly model?: string;
  /** Whether to swap to another version when it becomes the current one. */
  readonly follow?: boolean;
  /** Device that computes. */
  readonly device: DeviceChoice;
  /** CPU threads of all sessions together; default: one for each core. */
  readonly threads?: number;
  /** The clouds have a point for every n-th pixel of every n-th row; 0 = no clouds. */
  readonly pointsStride: number;
  /** Whether to write the model's confidence, if it has one. */
  readonly confidence?: boolean;
  /** Least confidence of points in the clouds, 0 to 1. */
  readonly minConfidence?: number;
  /** Whether to compare frames with those before: what moves, mu_t, Lambda. */
  readonly motion?: boolean;
  /** Whether to draw each frame's depth towards that of the frames before. */
  readonly stabilize?: boolean;
  /** Source of the metric scale; default: the model itself. */
  readonly scale?: ScaleChoice;
  /** Height of the camera over the road in metres, for the scale `camera_height`. */
  readonly cameraHeight?: number;
  /** Topic for the scale `odometry`; default: the only one of its type. */
  readonly odometry?: string;
  /** Topic for the scale `lidar`; default: the only one of its type. */
  readonly lidar?: string;
  /** Whether to find obstacles: `points/obstacles`, `points/dynamic`, `scan`. */
  readonly obstacles?: boolean;
  /** Heights over the ground between which points are obstacles, metres. */
  readonly obstacleHeights?: readonly [lowest: number, highest: number];
  /** Distance along the ground up to which points are obstacles, metres. */
  readonly obstacleRange?: number;
  /** Frame whose pose the output `odometry` gives, by the bag's /tf_static; default: the camera's optical frame. */
  readonly baseFrame?: string;
  /** Whether to write that pose to /tf too. */
  readonly odometryTf?: boolean;
  /** Encoding of the depth images. */
  readonly depthEncoding: DepthEncoding;
  /** Whether to write images compressed too, as image_transport sends them. */
  readonly compress?: boolean;
  /** Whether to copy the camera's images into the output. */
  readonly images: boolean;
  /** Seconds of the recording that are passed over at its begin, at least 0; default: 0. */
  readonly start?: number;
  /** Seconds of the recording that are replayed, above 0; default: up to its end. */
  readonly duration?: number;
  /** Number of frames after which the replay ends; default: all. */
  readonly limit?: number;
  /** Whether to replace an earlier output of a replay. */
  readonly overwrite: boolean;
  /** Whether to report every stage and warning. */
  readonly verbose: boolean;
}

/** `drive_rxdepth` for `/data/drive`, `drive.mcap`, `drive.db3.zstd`, and `.` in a folder `drive`. */
export function defaultOutput(bag: string): string {
  const name = (isRemote(bag) ? remoteName(bag) : basename(resolve(bag))).replace(
    /(\.(mcap|db3))?(\.zstd)?$/,
    '',
  );
  return `${name === '' ? 'replay' : name}_rxdepth`;
}

/** A flag's number above 0. @throws InvalidArgumentError for anything else. */
export function parsePositive(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isFinite(value) && value > 0) return value;
  throw new InvalidArgumentError('expected `a number above 0`.');
}

/** A flag's number of at least 0. @throws InvalidArgumentError for anything else. */
export function parseFromZero(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isFinite(value) && value >= 0) return value;
  throw new InvalidArgumentError('expected `a number of at least 0`.');
}

const SCALES = SCALE_SOURCES.filter((source) => source !== 'constant');

/** The metric scale that a flag asks for: a source by name, or a factor above 0. @throws InvalidArgumentError otherwise. */
export function parseScale(text: string): ScaleChoice {
  const named = SCALES.find((source) => source === text);
  if (named !== undefined) return named;
  const factor = Number(text);
  if (text.trim() !== '' && Number.isFinite(factor) && factor > 0) return factor;
  throw new InvalidArgumentError(`expected \`${SCALES.join('`, `')}\` or a factor above 0.`);
}

/** A flag's number from 0 to 1. @throws InvalidArgumentError for anything else. */
export function parseShare(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && value >= 0 && value <= 1) return value;
  throw new InvalidArgumentError('expected `a number from 0 to 1`.');
}

/** A flag's whole number of at least 1. @throws InvalidArgumentError for anything else. */
export function parseCount(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isSafeInteger(value) && value >= 1) return value;
  throw new InvalidArgumentError('expected `a whole number of at least 1`.');
}

/** A flag's number of threads. @throws InvalidArgumentError below 1 and above MOST_THREADS. */
export function parseThreads(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isInteger(value) && value >= 1 && value <= MOST_THREADS) return value;
  throw new InvalidArgumentError(`expected \`a whole number from 1 to ${MOST_THREADS}\`.`);
}

/** Slower, a frame takes minutes: a replay seems to hang. */
const SLOWEST_RATE = 0.001;

/** A flag's multiple of the recorded speed. @throws InvalidArgumentError below SLOWEST_RATE. */
export function parseRate(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isFinite(value) && value >= SLOWEST_RATE) return value;
  throw new InvalidArgumentError(`expected \`a number of at least ${SLOWEST_RATE}\`.`);
}

/** A flag's band of heights over the ground, metres. @throws InvalidArgumentError unless 0 <= lowest < highest. */
export function parseHeights(text: string): [lowest: number, highest: number] {
  const [lowest = Number.NaN, highest = Number.NaN, ...more] = text
    .split(',')
    .map((part) => (part.trim() === '' ? Number.NaN : Number(part)));
  if (more.length === 0 && lowest >= 0 && highest > lowest && highest < Number.POSITIVE_INFINITY)
    return [lowest, highest];
  throw new InvalidArgumentError(
    'expected `lowest,highest` in metres over the ground, the lowest at least 0.',
  );
}
