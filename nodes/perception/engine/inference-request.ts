import type { CameraKind } from '../../../msgs/camera/camera-kind.js';
import type { CameraInfo } from '../../../msgs/camera-info.js';
import type { CompressedImage } from '../../../msgs/compressed-image.js';
import type { Image } from '../../../msgs/image.js';
import type { FrameMaps } from './frame-maps.js';

export type { CameraKind };

export type DepthEncoding = '32FC1' | '16UC1';

/** What shall be computed; what is not wanted costs nothing. */
export interface Wants {
  /** 32FC1 metres or 16UC1 millimetres. */
  readonly depth: DepthEncoding;
  /** Labels, their colours and the dynamic-class mask. */
  readonly labels: boolean;
  /** How far the depth may be trusted, where the model's graph tells it: an image, and a field of the cloud. */
  readonly confidence?: boolean;
  /** Points with less confidence are left out of the cloud, where confidence is wanted and told. */
  readonly minConfidence?: number;
  /** A cloud with a point for every n-th pixel of every n-th row; 0 = no cloud. */
  readonly pointStride: number;
  /** What is needed to compare the frame with others, where the model's graph gives it. */
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
  /** Made by the comparison with the frames before, where there is one. */
  readonly moving?: Uint8Array;
}

export interface InferenceTimings {
  /** From the bytes to pixels, beside the inference of other frames. */
  readonly decodeMs: number;
  /** The graph. */
  readonly inferMs: number;
  /** Cloud and the messages around the outputs. */
  readonly encodeMs: number;
}

export interface InferenceResult {
  readonly width: number;
  readonly height: number;
  readonly messages: PerceptionMessages;
  /** Where they are wanted, and the model's graph gives them. */
  readonly maps?: FrameMaps;
  /** Maps were wanted, but the model's graph does not give the image as the network sees it. */
  readonly incomparable?: true;
  readonly timings: InferenceTimings;
  /** What is odd about the image; absent for most. */
  readonly warnings?: readonly string[];
  /** Which model made it, counted over the swaps from 0; whoever carries anything over from frame to frame begins anew when it changes. Absent: it never does. */
  readonly generation?: number;
  /**
   * Gives the messages' memory back to the engine; they must not be touched afterwards.
   * @param returned memory that was transferred elsewhere and came back as these.
   */
  release(returned?: readonly Uint8Array[]): void;
}
