import type { CameraInfo } from '../../msgs/camera-info.js';
import type { CompressedImage } from '../../msgs/compressed-image.js';
import type { Image } from '../../msgs/image.js';
import type { InputMessage } from '../transport/transport.js';
import type { Fault } from './fault.js';

/** An image message as a transport delivers it. */
export type CameraImage = InputMessage<Image | CompressedImage>;

/** An image with the calibration that belongs to it. */
export interface CameraFrame {
  /** Tells a frame from a fault. */
  readonly kind: 'frame';
  /** The image. */
  readonly image: CameraImage;
  /** Its calibration. */
  readonly info: CameraInfo;
  /** How the image got its camera_info: same stamp, nearest in time, or given by the user. */
  readonly pairedBy: 'stamp' | 'nearest' | 'given';
  /** Arrival of the image, as performance.now(), milliseconds. */
  readonly arrivedMs: number;
}

/** What every stage passes on: a frame, or the fault in its place. */
export type FrameOrFault = CameraFrame | Fault;

/** Image and CompressedImage differ in that only the former knows its size. */
export function isRawImage(message: Image | CompressedImage): message is Image {
  return 'encoding' in message;
}
