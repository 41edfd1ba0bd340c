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
    };

/** Looks at the packets of one stream, one after the other. */
export interface VideoStream {
  look(data: Uint8Array, stampNs: bigint): PacketLook;
}

export const WITHOUT_PARAMETERS: PacketLook = {
  kind: 'damaged',
  what: 'the parameter sets (SPS, PPS) of its key frame did not come before it',
};
