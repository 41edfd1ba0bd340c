import type { DecodeOptions, EncodedImage } from '../../../models/decode-image.js';
import type { Device, DeviceChoice } from '../../../models/device.js';
import type { CameraInfo } from '../../../msgs/camera-info.js';
import type { Header } from '../../../msgs/header.js';
import type { FrameMaps } from './frame-maps.js';
import type { CameraKind, InferenceTimings, PerceptionMessages, Wants } from './inference-request.js';

/** The image as it travels to the worker: `bytes` is transferred there and comes back with the answer. */
export type WireImage = EncodedImage;

export interface WireRequest {
  readonly id: number;
  readonly header: Header;
  readonly image: WireImage;
  readonly info: CameraInfo;
  readonly cameraKind: CameraKind;
  readonly scale: number;
  readonly wants: Wants;
}

/** What the worker is started with. */
export interface WorkerSetup {
  readonly graphPath: string;
  readonly device: DeviceChoice;
  /** Threads of the session; onnxruntime's own choice when left out. */
  readonly threads?: number;
  /** Size of the image of the first run, which is slow on GPUs; none when left out. */
  readonly warmUp?: { readonly height: number; readonly width: number };
  /** How images are read. */
  readonly decoding?: DecodeOptions;
  /** How far its threads let others have the processor first, 0 (default) to 19. */
  readonly nice?: number;
  /** A SharedReply that is told `''` when the session is ready, else why it is not. */
  readonly started?: SharedArrayBuffer;
}

export type ToWorker =
  | { readonly kind: 'infer'; readonly request: WireRequest }
  | { readonly kind: 'recycle'; readonly buffers: readonly ArrayBuffer[] }
  | { readonly kind: 'close' };

export type FromWorker =
  | {
      readonly kind: 'ready';
      readonly device: Device;
      readonly passedOver: readonly { readonly device: Device; readonly why: string }[];
      readonly warmUpMs: number;
    }
  /** The session could not be opened; the worker ends. */
  | { readonly kind: 'refused'; readonly message: string }
  | {
      readonly kind: 'result';
      readonly id: number;
      readonly width: number;
      readonly height: number;
      readonly messages: PerceptionMessages;
      readonly maps?: FrameMaps;
      readonly incomparable?: true;
      readonly timings: InferenceTimings;
      readonly warnings?: readonly string[];
      readonly input: ArrayBuffer;
    }
  /** This frame failed; the next ones are not concerned. */
  | { readonly kind: 'failed'; readonly id: number; readonly message: string; readonly input: ArrayBuffer };
