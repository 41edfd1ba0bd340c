import { AvDecoder } from './av-decoder.js';
import type { NodeAv } from './node-av.js';
import type { PictureDecoder } from './picture-decoder.js';
import type { VideoCodec } from './video-codec.js';
import { WitnessedDecoder } from './witnessed-decoder.js';

/** A decoder that notices packets that were cut short: that of H.264 does so itself. @throws MessageError where there is none */
export async function openDecoder(av: NodeAv, codec: VideoCodec): Promise<PictureDecoder> {
  const decoder = await AvDecoder.open(av, codec);
  return codec === 'h264' ? decoder : new WitnessedDecoder(decoder, await AvDecoder.open(av, codec));
}
