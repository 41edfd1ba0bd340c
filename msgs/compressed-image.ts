import { CdrReader } from './cdr/cdr-reader.js';
import { writeCdr } from './cdr/write-cdr.js';
import { ros2msg } from './definitions.js';
import { type Header, readHeader, writeHeader } from './header.js';
import type { MessageCodec } from './message-codec.js';

/** sensor_msgs/CompressedImage: `data` is a whole jpeg or png file. */
export interface CompressedImage {
  /** Stamp and frame of the image. */
  readonly header: Header;
  /** `jpeg`, `png`, or image_transport's text such as `bgr8; jpeg compressed bgr8`. The decoder trusts the data, not this text. */
  readonly format: string;
  /** Bytes of the jpeg or png file. */
  readonly data: Uint8Array;
}

const TYPE = 'sensor_msgs/msg/CompressedImage';

export const compressedImageCodec: MessageCodec<CompressedImage> = {
  type: TYPE,
  definition: ros2msg('sensor_msgs/CompressedImage'),

  decode(cdr) {
    const reader = new CdrReader(TYPE, cdr);
    const header = readHeader(reader);
    const format = reader.string('format');
    return { header, format, data: reader.bytes('data', reader.sequenceLength('data', 1)) };
  },

  encode({ header, format, data }) {
    return writeCdr((writer) => {
      writeHeader(writer, header);
      writer.string(format);
      writer.uint32(data.length);
      writer.bytes(data);
    });
  },
};
