import type { Intrinsics } from '../../../msgs/camera/intrinsics.js';
import type { Pixels } from '../../../msgs/picture/pixels.js';

/** A frame, and where its results go: of the size of the image, [height, width]. */
export interface CameraFrame {
  readonly pixels: Pixels;
  readonly intrinsics: Intrinsics;
  /** The metric scale factor. */
  readonly scale: number;
  /** Metres, or millimetres. */
  readonly depth: Float32Array | Uint16Array;
  /** 0..1. */
  readonly confidence?: Float32Array | undefined;
  readonly labels?: LabelMaps | undefined;
  /** Rays of every `stride`-th pixel, [Hp, Wp, 2], and where its points go, [Hp, Wp, 3]. */
  readonly cloud?: { readonly rays: Float32Array; readonly stride: number; readonly points: Float32Array };
  /** Whether the image as the network sees it is wanted. */
  readonly networkImage: boolean;
}

/** Classes, their colours (three bytes a pixel) and the mask of the dynamic ones. */
export interface LabelMaps {
  readonly labels: Uint8Array;
  readonly color: Uint8Array;
  readonly dynamic: Uint8Array;
}
