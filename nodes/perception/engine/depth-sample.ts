import { imageCodec } from '../../../msgs/image.js';

/** Depths at some pixels of a frame, the same pixels for every image of its size. */
export interface DepthSample {
  /** Metres (or what the model gives); +Inf too far, NaN unknown or not a depth at all (negative). */
  readonly meters: Float32Array;
}

/** Enough for a median to 2 %, few enough to cost nothing on the thread of the streams. */
const MOST_PIXELS = 4096;

/**
 * Depths of a depth message, 32FC1 or 16UC1, on a regular grid of at most 4096 pixels.
 * @param cdr a depth image as the engine makes it.
 */
export function sampleDepth(cdr: Uint8Array): DepthSample {
  const { height, width, step, encoding, data } = imageCodec.decode(cdr);
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const stride = Math.max(1, Math.ceil(Math.sqrt((height * width) / MOST_PIXELS)));
  const meters: number[] = [];
  for (let row = stride >> 1; row < height; row += stride) {
    for (let column = stride >> 1; column < width; column += stride) {
      meters.push(
        encoding === '16UC1'
          ? fromMillimeters(view.getUint16(row * step + column * 2, true))
          : fromFloat(view.getFloat32(row * step + column * 4, true)),
      );
    }
  }
  return { meters: Float32Array.from(meters) };
}

/** 0 is what is unknown and what is too far; models give far more of the latter. */
function fromMillimeters(value: number): number {
  return value === 0 ? Number.POSITIVE_INFINITY : value / 1000;
}

function fromFloat(value: number): number {
  return value > 0 ? value : Number.NaN;
}
