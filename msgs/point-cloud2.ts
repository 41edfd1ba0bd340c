import { CdrReader } from './cdr/cdr-reader.js';
import { writeCdr } from './cdr/write-cdr.js';
import { ros2msg } from './definitions.js';
import { readHeader } from './header.js';
import type { MessageCodec } from './message-codec.js';
import { type PointCloud2Fields, writePointCloud2Prefix } from './point-cloud2-layout.js';
import type { PointField } from './point-field.js';

/** sensor_msgs/PointCloud2; see point-cloud.ts to read its points. */
export interface PointCloud2 extends PointCloud2Fields {
  readonly data: Uint8Array;
}

const TYPE = 'sensor_msgs/msg/PointCloud2';

/** Name (length and NUL), offset, datatype and count without padding. */
const LEAST_FIELD_BYTES = 4 + 4 + 1 + 4;

export const pointCloud2Codec: MessageCodec<PointCloud2> = {
  type: TYPE,
  definition: ros2msg('sensor_msgs/PointCloud2'),

  decode(cdr) {
    const reader = new CdrReader(TYPE, cdr);
    const header = readHeader(reader);
    const height = reader.uint32('height');
    const width = reader.uint32('width');
    const fields: PointField[] = [];
    const fieldCount = reader.sequenceLength('fields', LEAST_FIELD_BYTES);
    for (let i = 0; i < fieldCount; i++) {
      const name = reader.string(`fields[${i}].name`);
      const offset = reader.uint32(`fields[${i}].offset`);
      const datatype = reader.uint8(`fields[${i}].datatype`);
      fields.push({ name, offset, datatype, count: reader.uint32(`fields[${i}].count`) });
    }
    const is_bigendian = reader.boolean('is_bigendian');
    const point_step = reader.uint32('point_step');
    const row_step = reader.uint32('row_step');
    const data = reader.bytes('data', reader.sequenceLength('data', 1));
    const is_dense = reader.boolean('is_dense');
    return { header, height, width, fields, is_bigendian, point_step, row_step, data, is_dense };
  },

  encode(cloud) {
    return writeCdr((writer) => {
      writePointCloud2Prefix(writer, cloud, cloud.data.length);
      writer.bytes(cloud.data);
      writer.boolean(cloud.is_dense);
    });
  },
};
