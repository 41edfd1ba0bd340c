import type { Header } from '../header.js';
import type { Image } from '../image.js';

/** A decoded frame as a sensor_msgs/Image: its CDR bytes, and the message that views them. */
export interface VideoFrame {
  readonly image: Image;
  readonly cdr: Uint8Array;
}

/** A frame as a decoder gives it. */
export interface DecodedPicture {
  /** That of its packet. */
  readonly id: number;
  /** Why its pixels are wrong: it lacks pictures that it refers to, or a packet ended too early. */
  readonly fault: 'incomplete' | 'cut' | undefined;
  /** Its planes as they were coded, without padding; to be called before the next one is received. */
  planes(): Buffer;
  /** Its pixels as rgb8; to be called before the next one is received. */
  toImage(header: Header): Promise<VideoFrame>;
}

/** Gives the pictures of packets, in the order of showing. One call after the other. */
export interface PictureDecoder {
  /** @returns why the packet is refused */
  send(data: Uint8Array, id: number): Promise<string | undefined>;
  /** Nothing follows: what is held back can be received. */
  finish(): Promise<void>;
  /** The next picture that is ready. */
  receive(): Promise<DecodedPicture | undefined>;
  /** Forgets all pictures: what follows has to begin with a key frame. */
  flush(): void;
  close(): void;
}
