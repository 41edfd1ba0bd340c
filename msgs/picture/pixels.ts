import type { ChannelOrder } from '../image-encoding.js';

/** Pixels that the perception graph takes as they are: `height` rows of `step` bytes, colours by byte position. */
export interface Pixels {
  readonly data: Uint8Array;
  readonly height: number;
  readonly width: number;
  readonly step: number;
  readonly bytesPerPixel: number;
  readonly channelOrder: ChannelOrder;
}
