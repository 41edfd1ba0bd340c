/** Codecs of moving pictures that are decoded. */
export type VideoCodec = 'h264' | 'h265';

/** By what they and their encoders are called: `h264_nvenc`, `libx265`, `hevc_vaapi`, `avc1`. */
const CODECS: readonly (readonly [VideoCodec, RegExp])[] = [
  ['h264', /^(lib)?(openh|x|h\.?)264(rgb)?($|_)|^avc[13]?($|_)/i],
  ['h265', /^(lib)?(x|h\.?)265($|_)|^hevc($|_)|^h[ev][vc]1($|_)/i],
];

/**
 * The codec that a message names: `format` of a CompressedVideo, `encoding` of an FFMPEGPacket, of which what follows the
 * first word says how pixels lie. Undefined for what is not decoded.
 */
export function videoCodecOf(text: string): VideoCodec | undefined {
  const [word = ''] = text.trim().split(/[;,/\s]/);
  return CODECS.find(([, names]) => names.test(word))?.[0];
}
