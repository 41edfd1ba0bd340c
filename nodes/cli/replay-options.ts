import { basename, resolve } from 'node:path';
import { InvalidArgumentError } from 'commander';
import type { DeviceChoice } from '../../models/device.js';
import type { Intrinsics } from '../../msgs/camera/intrinsics.js';
import type { CameraKind, DepthEncoding } from '../perception/engine/inference-request.js';

/** What `rxdepth replay` is asked to do. */
export interface ReplayOptions {
  readonly bag: string;
  readonly output: string;
  readonly image?: string;
  readonly cameraInfo?: string;
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
  readonly depthEncoding: DepthEncoding;
  /** Copy the camera's images into the output too. */
  readonly images: boolean;
  readonly intrinsics?: Intrinsics;
  readonly cameraKind?: CameraKind;
  readonly limit?: number;
  readonly overwrite: boolean;
  readonly verbose: boolean;
}

/** `drive_rxdepth` for `/data/drive`, `drive.mcap`, `drive.db3.zstd`, and `.` in a folder `drive`. */
export function defaultOutput(bag: string): string {
  const name = basename(resolve(bag)).replace(/(\.(mcap|db3))?(\.zstd)?$/, '');
  return `${name === '' ? 'replay' : name}_rxdepth`;
}

export function parsePositive(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isFinite(value) && value > 0) return value;
  throw new InvalidArgumentError('expected `a number above 0`.');
}

export function parseCount(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isSafeInteger(value) && value >= 1) return value;
  throw new InvalidArgumentError('expected `a whole number of at least 1`.');
}

export function parseIntrinsics(text: string): Intrinsics {
  const [fx = Number.NaN, fy = Number.NaN, cx = Number.NaN, cy = Number.NaN, ...more] = text
    .split(',')
    .map((part) => (part.trim() === '' ? Number.NaN : Number(part)));
  if (more.length === 0 && fx > 0 && fy > 0 && [fx, fy, cx, cy].every(Number.isFinite))
    return { fx, fy, cx, cy };
  throw new InvalidArgumentError('expected `fx,fy,cx,cy` in pixels, the focal lengths above 0.');
}
