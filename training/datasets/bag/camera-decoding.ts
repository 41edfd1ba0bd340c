import type { DecodeOptions } from '../../../models/decode-image.js';
import { pixelLimit } from '../../../msgs/camera/pixel-limit.js';
import type { CameraInfo } from '../../../msgs/camera-info.js';
import type { CameraTopics } from './camera-topics.js';

/** How images of a camera are read: as a user said, else in proportion to its camera_info, as the nodes do. */
export function cameraDecoding(
  { decoding: { bitDepth, maxPixels } }: Pick<CameraTopics, 'decoding'>,
  info: CameraInfo,
): DecodeOptions {
  return { bitDepth, mostPixels: maxPixels ?? pixelLimit(info) };
}
