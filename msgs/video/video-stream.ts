import type { ParameterSets } from './parameter-sets.js';

/** What a packet is, as far as it can be told without decoding it. */
export type PacketLook =
  /** Parameters alone: they belong to the next frame. */
  | { readonly kind: 'parameters' }
  | { readonly kind: 'damaged'; readonly what: string }
  /** The same frame again. */
  | { readonly kind: 'repeated' }
  | {
      readonly kind: 'frame';
      /** Decoding can begin here. */
      readonly key: boolean;
      /** Of a key frame: frames after it in which pictures are made whole piece by piece (intra refresh); 0 where it is whole. */
      readonly refresh: number;
      /** Packets before it that are missing, at least; 0 where none is known to be. */
      readonly missing: number;
      /** Shown before the key frame that came last, so that it may refer to what is older (open group of pictures). */
      readonly leading: boolean;
    };

/** Looks at the packets of one stream, one after the other. */
export interface VideoStream {
  readonly sets: ParameterSets;
  look(data: Uint8Array, stampNs: bigint): PacketLook;
}

export const WITHOUT_PARAMETERS: PacketLook = {
  kind: 'damaged',
  what:
    'the parameter sets (SPS, PPS) of its key frame did not come before it: have the encoder send them with each key frame ' +
    '(FFmpeg: `-bsf:v dump_extra=freq=keyframe`; from MP4: `-bsf:v h264_mp4toannexb`, or `hevc_mp4toannexb`)',
};

export const SEVERAL_PICTURES: PacketLook = {
  kind: 'damaged',
  what: 'it holds several pictures under one stamp: record one picture a message',
};
