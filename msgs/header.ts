import type { CdrReader } from './cdr/cdr-reader.js';
import type { CdrWriter } from './cdr/cdr-writer.js';
import type { Stamp } from './stamp.js';

/** std_msgs/Header: when and where a measurement was made. */
export interface Header {
  /** Time of the measurement. */
  readonly stamp: Stamp;
  /** Name of the coordinate frame of the measurement, such as `camera_optical`; without a leading slash. */
  readonly frame_id: string;
}

/** Reads a std_msgs/Header. @throws MessageError naming the field at which the bytes end. */
export function readHeader(reader: CdrReader): Header {
  const sec = reader.int32('header.stamp.sec');
  const nanosec = reader.uint32('header.stamp.nanosec');
  return { stamp: { sec, nanosec }, frame_id: reader.string('header.frame_id') };
}

/** Writes a std_msgs/Header. */
export function writeHeader(writer: CdrWriter, header: Header): void {
  writer.int32(header.stamp.sec);
  writer.uint32(header.stamp.nanosec);
  writer.string(header.frame_id);
}
