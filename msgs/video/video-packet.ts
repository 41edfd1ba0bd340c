import { type CompressedVideo, compressedVideoCodec } from '../compressed-video.js';
import { type FFMPEGPacket, ffmpegPacketCodec } from '../ffmpeg-packet.js';
import type { Header } from '../header.js';

/** The coded bytes of one frame, whatever message they came in. */
export interface VideoPacket {
  readonly header: Header;
  /** What the message says of its codec. */
  readonly coding: string;
  readonly data: Uint8Array;
}

/** Messages of video, by type; `transport` is what image_transport calls it. */
export const VIDEO_TYPES: Readonly<
  Record<
    string,
    {
      readonly transport: string;
      readonly packetOf: (cdr: Uint8Array) => VideoPacket;
      /** @param message of this very type */
      readonly ofMessage: (message: unknown) => VideoPacket;
    }
  >
> = {
  [compressedVideoCodec.type]: {
    transport: 'foxglove',
    packetOf: (cdr) => ofCompressedVideo(compressedVideoCodec.decode(cdr)),
    ofMessage: ofCompressedVideo as (message: unknown) => VideoPacket,
  },
  [ffmpegPacketCodec.type]: {
    transport: 'ffmpeg',
    packetOf: (cdr) => ofFfmpegPacket(ffmpegPacketCodec.decode(cdr)),
    ofMessage: ofFfmpegPacket as (message: unknown) => VideoPacket,
  },
};

/** The packet in a foxglove_msgs/CompressedVideo; its data are not copied. */
export function ofCompressedVideo({ timestamp, frame_id, format, data }: CompressedVideo): VideoPacket {
  return { header: { stamp: timestamp, frame_id }, coding: format, data };
}

/** Its `pts` is not needed: a frame leaves the decoder with the number of its packet, in the order of showing. */
export function ofFfmpegPacket({ header, encoding, data }: FFMPEGPacket): VideoPacket {
  return { header, coding: encoding, data };
}
