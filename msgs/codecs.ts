import { adaptationStatusCodec } from './adaptation-status.js';
import { bondStatusCodec } from './bond-status.js';
import { cameraInfoCodec } from './camera-info.js';
import { compressedImageCodec } from './compressed-image.js';
import { compressedVideoCodec } from './compressed-video.js';
import { detection3DArrayCodec } from './detection3d-array.js';
import { diagnosticArrayCodec } from './diagnostic-array.js';
import { ffmpegPacketCodec } from './ffmpeg-packet.js';
import { imageCodec } from './image.js';
import { labelInfoCodec } from './label-info.js';
import { laserScanCodec } from './laser-scan.js';
import { markerArrayCodec } from './marker-array.js';
import type { MessageCodec } from './message-codec.js';
import { odometryCodec } from './odometry.js';
import { perceptionStatusCodec } from './perception-status.js';
import { pointCloud2Codec } from './point-cloud2.js';
import { poseStampedCodec } from './pose-stamped.js';
import { tfMessageCodec } from './tf-message.js';
import { twistStampedCodec } from './twist-stamped.js';

const CODECS: ReadonlyMap<string, MessageCodec<unknown>> = new Map(
  [
    adaptationStatusCodec,
    bondStatusCodec,
    cameraInfoCodec,
    compressedImageCodec,
    compressedVideoCodec,
    detection3DArrayCodec,
    diagnosticArrayCodec,
    ffmpegPacketCodec,
    imageCodec,
    labelInfoCodec,
    laserScanCodec,
    markerArrayCodec,
    odometryCodec,
    perceptionStatusCodec,
    pointCloud2Codec,
    poseStampedCodec,
    tfMessageCodec,
    twistStampedCodec,
  ].map((codec): [string, MessageCodec<unknown>] => [codec.type, codec as MessageCodec<unknown>]),
);

/**
 * Returns the codec of a message type that rxdepth knows, or undefined for others: `definitionCodec` makes theirs.
 * @param type such as `sensor_msgs/msg/Image` or `sensor_msgs/Image`
 */
export function codecFor(type: string): MessageCodec<unknown> | undefined {
  return CODECS.get(type.replace(/^(\w+)\/(\w+)$/, '$1/msg/$2'));
}
