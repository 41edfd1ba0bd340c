import type { CameraKind } from '../../../msgs/camera/camera-kind.js';
import type { CameraInfo } from '../../../msgs/camera-info.js';
import type { CompressedImage } from '../../../msgs/compressed-image.js';
import type { Image } from '../../../msgs/image.js';
import type { FrameMaps } from './frame-maps.js';

export type { CameraKind };

/** Encoding of depth images: `32FC1` in metres, or `16UC1` in millimetres with 0 for invalid or too far. */
export type DepthEncoding = '32FC1' | '16UC1';

/** The outputs to compute. Absent outputs cost no time. */
export interface Wants {
  /** Encoding of the depth: `32FC1` in metres or `16UC1` in millimetres. */
  readonly depth: DepthEncoding;
  /** Whether to compute labels, their colours and the dynamic-class mask. */
  readonly labels: boolean;
  /** Whether to compute the confidence, if the model gives it: an image, and a field of the cloud. */
  readonly confidence?: boolean;
  /** Least confidence of points in the cloud, 0 to 1; needs `confidence`. */
  readonly minConfidence?: number;
  /** The cloud has a point for every n-th pixel of every n-th row; 0 = no cloud. */
  readonly pointStride: number;
  /** Whether to give the maps that a comparison with other frames needs, if the model's graph has them. */
  readonly maps?: boolean;
}

/** One frame for the engine. The image's bytes are copied, so the caller keeps them. */
export interface InferenceRequest {
  /** The image to compute. */
  readonly image: Image | CompressedImage;
  /** Its calibration. */
  readonly info: CameraInfo;
  /** Whether the image is raw or rectified. */
  readonly cameraKind: CameraKind;
  /** Factor from the model's depth to metres; 1 for metric models. */
  readonly scale: number;
  /** The outputs to compute. */
  readonly wants: Wants;
}

/** Complete CDR messages with the image's header. */
export interface PerceptionMessages {
  /** sensor_msgs/Image of the depth, as `wants.depth` asks: 32FC1 in metres, or 16UC1 in millimetres. */
  readonly depth: Uint8Array;
  /** sensor_msgs/Image of the confidence, 0 to 1. */
  readonly confidence?: Uint8Array;
  /** sensor_msgs/Image of class indices, mono8. */
  readonly labels?: Uint8Array;
  /** sensor_msgs/Image of the classes' colours, rgb8. */
  readonly color?: Uint8Array;
  /** sensor_msgs/Image of the dynamic-class mask, mono8: 255 on dynamic classes. */
  readonly dynamic?: Uint8Array;
  /** sensor_msgs/PointCloud2 in the camera's optical frame, metres. */
  readonly points?: Uint8Array;
  /** Mask of what moves, from the comparison with earlier frames; absent without it. */
  readonly moving?: Uint8Array;
}

/** Times that a frame took. */
export interface InferenceTimings {
  /** Time from bytes to pixels, milliseconds. It overlaps the inference of other frames. */
  readonly decodeMs: number;
  /** Time in the graph, milliseconds. */
  readonly inferMs: number;
  /** Time for the cloud and the messages around the outputs, milliseconds. */
  readonly encodeMs: number;
}

/** The results of one frame. */
export interface InferenceResult {
  /** Pixels in a row of the image. */
  readonly width: number;
  /** Rows of the image. */
  readonly height: number;
  /** The computed messages. */
  readonly messages: PerceptionMessages;
  /** Maps of the frame, if wanted and if the model's graph gives them. */
  readonly maps?: FrameMaps;
  /** Set if maps were wanted, but the model's graph does not give the image as the network sees it. */
  readonly incomparable?: true;
  /** Times that the frame took. */
  readonly timings: InferenceTimings;
  /** What is odd about the image; absent for most images. */
  readonly warnings?: readonly string[];
  /** Number of swaps before the model that made it; absent if the model never changes. A change resets all state between frames. */
  readonly generation?: number;
  /**
   * Keeps the messages' memory beyond `release`, until the function that this returns is called. It cannot keep what is
   * transferred elsewhere meanwhile. Absent: the memory cannot be kept.
   */
  keep?(): () => void;
  /**
   * Gives the messages' memory back to the engine. Do not touch the messages afterwards, unless you keep them.
   * @param returned the messages, if their memory was transferred elsewhere and came back.
   */
  release(returned?: readonly Uint8Array[]): void;
}
