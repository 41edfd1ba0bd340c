import type { WireImage } from '../perception/engine/inference-protocol.js';

/** One panel to draw: the camera's image and the CDR messages made from it, all copies. */
export interface PictureRequest {
  readonly file: string;
  readonly title: string;
  readonly image: WireImage;
  /** 32FC1 or 16UC1 */
  readonly depth: Uint8Array;
  /** rgb8 */
  readonly color: Uint8Array | undefined;
  /** mono8 */
  readonly dynamic: Uint8Array | undefined;
  /** mono8; undefined without motion. */
  readonly moving: Uint8Array | undefined;
  /** Whether the depth is in metres. */
  readonly metric: boolean;
}

/** `error` is absent when the file was written. */
export interface PictureAnswer {
  readonly error?: string;
}
