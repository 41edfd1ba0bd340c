import { CdrReader } from './cdr/cdr-reader.js';
import { writeCdr } from './cdr/write-cdr.js';
import { ros2msg } from './definitions.js';
import { type Header, readHeader, writeHeader } from './header.js';
import type { MessageCodec } from './message-codec.js';

/** ffmpeg_image_transport_msgs/FFMPEGPacket: a packet of libavcodec, under the header of its frame. */
export interface FFMPEGPacket {
  readonly header: Header;
  readonly width: number;
  readonly height: number;
  /** The codec or its encoder, and what follows a semicolon: `hevc`, `libx264`, `h264;yuv420p;bgr8;bgr8`. */
  readonly encoding: string;
  /** Place of the frame among those shown, in units of the encoder. */
  readonly pts: bigint;
  readonly flags: number;
  readonly is_bigendian: boolean;
  readonly data: Uint8Array;
}

const TYPE = 'ffmpeg_image_transport_msgs/msg/FFMPEGPacket';

export const ffmpegPacketCodec: MessageCodec<FFMPEGPacket> = {
  type: TYPE,
  definition: ros2msg('ffmpeg_image_transport_msgs/FFMPEGPacket'),

  decode(cdr) {
    const reader = new CdrReader(TYPE, cdr);
    const header = readHeader(reader);
    const width = reader.int32('width');
    const height = reader.int32('height');
    const encoding = reader.string('encoding');
    const pts = reader.uint64('pts');
    const flags = reader.uint8('flags');
    const is_bigendian = reader.boolean('is_bigendian');
    const data = reader.bytes('data', reader.sequenceLength('data', 1));
    return { header, width, height, encoding, pts, flags, is_bigendian, data };
  },

  encode({ header, width, height, encoding, pts, flags, is_bigendian, data }) {
    return writeCdr((writer) => {
      writeHeader(writer, header);
      writer.int32(width);
      writer.int32(height);
      writer.string(encoding);
      writer.uint64(pts);
      writer.uint8(flags);
      writer.boolean(is_bigendian);
      writer.uint32(data.length);
      writer.bytes(data);
    });
  },
};
