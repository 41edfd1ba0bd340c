import { CdrReader } from './cdr/cdr-reader.js';
import { writeCdr } from './cdr/write-cdr.js';
import { ros2msg } from './definitions.js';
import type { MessageCodec } from './message-codec.js';
import type { Stamp } from './stamp.js';

/** foxglove_msgs/CompressedVideo: the coded bytes of one frame. */
export interface CompressedVideo {
  readonly timestamp: Stamp;
  readonly frame_id: string;
  /** Annex B for `h264` and `h265`. */
  readonly data: Uint8Array;
  /** `h264`, `h265`, `vp9`, `av1`. */
  readonly format: string;
}

const TYPE = 'foxglove_msgs/msg/CompressedVideo';

export const compressedVideoCodec: MessageCodec<CompressedVideo> = {
  type: TYPE,
  definition: ros2msg('foxglove_msgs/CompressedVideo'),

  decode(cdr) {
    const reader = new CdrReader(TYPE, cdr);
    const timestamp = { sec: reader.int32('timestamp.sec'), nanosec: reader.uint32('timestamp.nanosec') };
    const frame_id = reader.string('frame_id');
    const data = reader.bytes('data', reader.sequenceLength('data', 1));
    return { timestamp, frame_id, data, format: reader.string('format') };
  },

  encode({ timestamp, frame_id, data, format }) {
    return writeCdr((writer) => {
      writer.int32(timestamp.sec);
      writer.uint32(timestamp.nanosec);
      writer.string(frame_id);
      writer.uint32(data.length);
      writer.bytes(data);
      writer.string(format);
    });
  },
};
