import { basename, resolve } from 'node:path';
import { InvalidArgumentError } from 'commander';
import type { DeviceChoice } from '../../models/device.js';
import type { CameraSettings } from '../../msgs/camera/camera-settings.js';
import { isRemote, remoteName } from '../../msgs/remote/remote-url.js';
import type { DepthEncoding } from '../perception/engine/inference-request.js';
import { SCALE_SOURCES, type ScaleSource } from '../perception/scale/scale-source.js';

/** Where metres come from; a number is a constant factor. */
export type ScaleChoice = Exclude<ScaleSource, 'constant'> | number;

/** What `rxdepth replay` is asked to do. */
export interface ReplayOptions extends CameraSettings {
  readonly bag: string;
  readonly output: string;
  /** Multiple of the recording's speed; as fast as possible when left out. */
  readonly rate?: number;
  readonly pictures?: string;
  readonly pictureEvery: number;
  readonly model?: string;
  /** Swap to another version when it becomes the current one. */
  readonly follow?: boolean;
  readonly device: DeviceChoice;
  readonly threads?: number;
  readonly pointsStride: number;
  /** Write the model's confidence too, where it has one. */
  readonly confidence?: boolean;
  /** Points with less confidence are left out of the clouds. */
  readonly minConfidence?: number;
  /** Compare frames with those before: what moves, mu_t, Lambda; not when left out. */
  readonly motion?: boolean;
  /** Draw each frame's depth towards that of the frames before. */
  readonly stabilize?: boolean;
  /** Default: the model itself. */
  readonly scale?: ScaleChoice;
  /** Metres from the road to the camera, for `camera_height`. */
  readonly cameraHeight?: number;
  /** Topics, for these sources of the scale; the only one of its type when left out. */
  readonly odometry?: string;
  readonly lidar?: string;
  /** Find obstacles: `points/obstacles`, `points/dynamic`, `scan`. */
  readonly obstacles?: boolean;
  /** Heights over the ground, and the distance, between which points are obstacles; metres. */
  readonly obstacleHeights?: readonly [lowest: number, highest: number];
  readonly obstacleRange?: number;
  /** Frame whose pose the output `odometry` tells, by the bag's /tf_static; the camera's optical frame when left out. */
  readonly baseFrame?: string;
  /** Write that pose to /tf too. */
  readonly odometryTf?: boolean;
  readonly depthEncoding: DepthEncoding;
  /** Copy the camera's images into the output too. */
  readonly images: boolean;
  readonly limit?: number;
  readonly overwrite: boolean;
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

export function parsePositive(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isFinite(value) && value > 0) return value;
  throw new InvalidArgumentError('expected `a number above 0`.');
}

const SCALES = SCALE_SOURCES.filter((source) => source !== 'constant');

export function parseScale(text: string): ScaleChoice {
  const named = SCALES.find((source) => source === text);
  if (named !== undefined) return named;
  const factor = Number(text);
  if (text.trim() !== '' && Number.isFinite(factor) && factor > 0) return factor;
  throw new InvalidArgumentError(`expected \`${SCALES.join('`, `')}\` or a factor above 0.`);
}

export function parseShare(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && value >= 0 && value <= 1) return value;
  throw new InvalidArgumentError('expected `a number from 0 to 1`.');
}

export function parseCount(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isSafeInteger(value) && value >= 1) return value;
  throw new InvalidArgumentError('expected `a whole number of at least 1`.');
}

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
