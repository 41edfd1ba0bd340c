import { imageEncoding } from '../msgs/image-encoding.js';
import { bitsInUse } from '../msgs/picture/bits-in-use.js';
import { mosaicEncoding } from '../msgs/picture/compressed-format.js';
import { type DecodeLimits, decodePicture } from '../msgs/picture/decode-picture.js';
import type { Pixels } from '../msgs/picture/pixels.js';
import type { ImageConverter, RawImage } from './image-converter.js';

/** The bytes of an image message, with what a decoder needs to know of them. */
export type EncodedImage =
  | ({ readonly kind: 'raw' } & RawImage)
  | { readonly kind: 'compressed'; readonly bytes: Uint8Array; readonly format: string };

/** Options of decoding an image message. */
export interface DecodeOptions extends DecodeLimits {
  /** Number of low bits that 16-bit images use, 1 to 16; default 16. */
  readonly bitDepth?: number | undefined;
}

export interface DecodedImage {
  readonly pixels: Pixels;
  /** What is odd about a usable image. All images of one kind give the same text. */
  readonly warnings: readonly string[];
}

/**
 * The pixels of an image message, as the perception graph reads them. Raw images that the graph can read keep their bytes.
 * Other images are decoded (jpeg, png) or converted (yuv, bayer, 16 bits) to 8-bit RGB, in memory of `converter`;
 * `converter.reuse` gives that memory back. Nodes and training both use this function.
 *
 * The function ignores EXIF orientation, because a message's geometry is that of its camera_info. It drops transparency.
 * @throws MessageError when the image cannot be decoded, is too large or takes too long; ModelError when it cannot be
 * converted.
 */
export async function decodeImage(
  image: EncodedImage,
  converter: ImageConverter,
  options: DecodeOptions = {},
): Promise<DecodedImage> {
  if (image.kind === 'raw') return await rawPixels(image, converter, options);
  const { width, height, channels, bytesPerChannel, data, warnings } = await decodePicture(
    { format: image.format, data: image.bytes },
    options,
  );
  const step = width * channels * bytesPerChannel;
  const mosaic = channels === 1 ? mosaicEncoding(image.format, bytesPerChannel) : undefined;
  if (bytesPerChannel === 2 || mosaic !== undefined) {
    const wide = { encoding: mosaic ?? (channels === 1 ? 'mono16' : 'rgb16'), is_bigendian: 0 };
    const converted = await rawPixels({ ...wide, bytes: data, width, height, step }, converter, options);
    return { ...converted, warnings: [...warnings, ...converted.warnings] };
  }
  const channelOrder = channels === 3 ? ([0, 1, 2] as const) : ([0, 0, 0] as const);
  return { pixels: { data, height, width, step, bytesPerPixel: channels, channelOrder }, warnings };
}

async function rawPixels(
  image: RawImage,
  converter: ImageConverter,
  { bitDepth }: DecodeOptions,
): Promise<DecodedImage> {
  const encoding = imageEncoding(image.encoding);
  if (encoding?.channelOrder !== undefined) {
    const { bytes, height, width, step } = image;
    const { bytesPerPixel, channelOrder } = encoding;
    const data = bytes.subarray(0, step * height);
    return { pixels: { data, height, width, step, bytesPerPixel, channelOrder }, warnings: [] };
  }
  const pixels = await converter.convert(image, bitDepth);
  const bits = encoding?.bytesPerChannel === 2 && bitDepth === undefined ? bitsInUse(image) : undefined;
  if (bits === undefined) return { pixels, warnings: [] };
  const warning =
    `16-bit images (\`${image.encoding}\`) hold no value above ${2 ** bits - 1}, so they come out dark: if the camera gives ` +
    `${bits} bits, say so with \`--bit-depth ${bits}\`, the node's \`bit_depth\``;
  return { pixels, warnings: [warning] };
}
