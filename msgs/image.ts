import { CdrReader } from './cdr/cdr-reader.js';
import { writeCdr } from './cdr/write-cdr.js';
import { ros2msg } from './definitions.js';
import { readHeader } from './header.js';
import { type ImageFields, writeImagePrefix } from './image-layout.js';
import type { MessageCodec } from './message-codec.js';

/** sensor_msgs/Image: an image that is not compressed. */
export interface Image extends ImageFields {
  /** [height * step] the rows one after the other, from the top. After decoding it is a view over the message's bytes. */
  readonly data: Uint8Array;
}

const TYPE = 'sensor_msgs/msg/Image';

export const imageCodec: MessageCodec<Image> = {
  type: TYPE,
  definition: ros2msg('sensor_msgs/Image'),

  decode(cdr) {
    const reader = new CdrReader(TYPE, cdr);
    const header = readHeader(reader);
    const height = reader.uint32('height');
    const width = reader.uint32('width');
    const encoding = reader.string('encoding');
    const is_bigendian = reader.uint8('is_bigendian');
    const step = reader.uint32('step');
    const data = reader.bytes('data', reader.sequenceLength('data', 1));
    return { header, height, width, encoding, is_bigendian, step, data };
  },

  encode(image) {
    return writeCdr((writer) => {
      writeImagePrefix(writer, image, image.data.length);
      writer.bytes(image.data);
    });
  },
};
