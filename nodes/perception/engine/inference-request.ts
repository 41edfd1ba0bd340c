import type { CameraKind } from '../../../msgs/camera/camera-kind.js';
import type { CameraInfo } from '../../../msgs/camera-info.js';
import type { CompressedImage } from '../../../msgs/compressed-image.js';
import type { Image } from '../../../msgs/image.js';
import type { FrameMaps } from './frame-maps.js';

export type { CameraKind };

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
  readonly image: Image | CompressedImage;
  readonly info: CameraInfo;
  readonly cameraKind: CameraKind;
  /** Factor from the model's depth to metres; 1 for metric models. */
  readonly scale: number;
  readonly wants: Wants;
}

/** Complete CDR messages with the image's header. */
export interface PerceptionMessages {
  readonly depth: Uint8Array;
  readonly confidence?: Uint8Array;
  readonly labels?: Uint8Array;
  readonly color?: Uint8Array;
  readonly dynamic?: Uint8Array;
  readonly points?: Uint8Array;
  /** Mask of what moves, from the comparison with earlier frames; absent without it. */
  readonly moving?: Uint8Array;
}

export interface InferenceTimings {
  /** Time from bytes to pixels, milliseconds. It overlaps the inference of other frames. */
  readonly decodeMs: number;
  /** Time in the graph, milliseconds. */
  readonly inferMs: number;
  /** Time for the cloud and the messages around the outputs, milliseconds. */
  readonly encodeMs: number;
}

export interface InferenceResult {
  readonly width: number;
  readonly height: number;
  readonly messages: PerceptionMessages;
  /** Maps of the frame, if wanted and if the model's graph gives them. */
  readonly maps?: FrameMaps;
  /** Set if maps were wanted, but the model's graph does not give the image as the network sees it. */
  readonly incomparable?: true;
  readonly timings: InferenceTimings;
  /** What is odd about the image; absent for most images. */
  readonly warnings?: readonly string[];
  /** Number of swaps before the model that made it; absent if the model never changes. A change resets all state between frames. */
  readonly generation?: number;
  /**
   * Gives the messages' memory back to the engine. Do not touch the messages afterwards.
   * @param returned the messages, if their memory was transferred elsewhere and came back.
   */
  release(returned?: readonly Uint8Array[]): void;
}
