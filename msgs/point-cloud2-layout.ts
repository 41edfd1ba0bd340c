import { CdrWriter } from './cdr/cdr-writer.js';
import { MessageError } from './errors.js';
import { type Header, writeHeader } from './header.js';
import { type MessageLayout, messageLayout } from './message-layout.js';
import type { PointField } from './point-field.js';

/** Everything of a sensor_msgs/PointCloud2 but its data: `height` x `width` points of `point_step` bytes. */
export interface PointCloud2Fields {
  readonly header: Header;
  /** 1 when the cloud is not organised. */
  readonly height: number;
  readonly width: number;
  readonly fields: readonly PointField[];
  readonly is_bigendian: boolean;
  readonly point_step: number;
  readonly row_step: number;
  /** True when no point is invalid (NaN). */
  readonly is_dense: boolean;
}

/** `is_dense` follows the data. */
const TRAILING_BYTES = 1;

/** Layout of the CDR message of a PointCloud2 of `height` rows of `rowStep` bytes; see MessageLayout. */
export function layoutPointCloud2(
  cloud: { readonly frame_id: string; readonly fields: readonly PointField[] },
  height: number,
  rowStep: number,
): MessageLayout {
  const measure = new CdrWriter();
  const header = { stamp: { sec: 0, nanosec: 0 }, frame_id: cloud.frame_id };
  const { fields } = cloud;
  const zeros = { width: 0, is_bigendian: false, point_step: 0, is_dense: false };
  writePointCloud2Prefix(measure, { ...zeros, header, height, fields, row_step: rowStep }, 0);
  return messageLayout(measure.offset, rowStep * height, TRAILING_BYTES);
}

/**
 * Writes everything but the data of a PointCloud2 into `message`, the `byteLength` bytes that `layoutPointCloud2`
 * describes; the data bytes are left as they are.
 */
export function writePointCloud2Around(message: Uint8Array, cloud: PointCloud2Fields): void {
  const { height, row_step, fields, header } = cloud;
  const { byteLength } = layoutPointCloud2({ frame_id: header.frame_id, fields }, height, row_step);
  if (message.byteLength !== byteLength) {
    throw new MessageError(
      `sensor_msgs/msg/PointCloud2: expected a buffer of \`${byteLength}\` bytes for ${height} rows of ${row_step} ` +
        `bytes in frame \`${header.frame_id}\`, got ${message.byteLength}; use the size that layoutPointCloud2 gives`,
    );
  }
  const writer = new CdrWriter(message);
  writePointCloud2Prefix(writer, cloud, row_step * height);
  writer.skip(row_step * height);
  writer.boolean(cloud.is_dense);
}

/** All fields up to and including the length of `data`. */
export function writePointCloud2Prefix(
  writer: CdrWriter,
  cloud: PointCloud2Fields,
  dataLength: number,
): void {
  writeHeader(writer, cloud.header);
  writer.uint32(cloud.height);
  writer.uint32(cloud.width);
  writer.uint32(cloud.fields.length);
  for (const field of cloud.fields) {
    writer.string(field.name);
    writer.uint32(field.offset);
    writer.uint8(field.datatype);
    writer.uint32(field.count);
  }
  writer.boolean(cloud.is_bigendian);
  writer.uint32(cloud.point_step);
  writer.uint32(cloud.row_step);
  writer.uint32(dataLength);
}
