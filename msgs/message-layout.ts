/**
 * Where the data bytes of a message lie, so that they can be written before the message around them.
 *
 * ```ts const layout = layoutImage({ frame_id, encoding: '32FC1' }, height, width, 4 * width). Const buffer = new
 * ArrayBuffer(layout.bufferOffset + layout.byteLength). Const message = new Uint8Array(buffer, layout.bufferOffset,
 * layout.byteLength). Const depth = new Float32Array(buffer, layout.bufferOffset + layout.dataOffset, height * width);.
 * ```
 */
export interface MessageLayout {
  /** Size of the whole CDR message. */
  readonly byteLength: number;
  /** Start of the data within the message. */
  readonly dataOffset: number;
  /** Start of the message within its ArrayBuffer: `bufferOffset + dataOffset` is a multiple of 16. */
  readonly bufferOffset: number;
}

/** Typed arrays need the alignment of their elements; 16 bytes also suit SIMD. */
const DATA_ALIGNMENT = 16;

/** @param trailingBytes what follows the data within the message */
export function messageLayout(dataOffset: number, dataLength: number, trailingBytes = 0): MessageLayout {
  return {
    byteLength: dataOffset + dataLength + trailingBytes,
    dataOffset,
    bufferOffset: (DATA_ALIGNMENT - (dataOffset % DATA_ALIGNMENT)) % DATA_ALIGNMENT,
  };
}
