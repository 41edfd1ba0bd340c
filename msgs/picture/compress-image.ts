import sharp from 'sharp';
import { compressedImageCodec } from '../compressed-image.js';
import { MessageError } from '../errors.js';
import { type Image, imageCodec } from '../image.js';
import { compressedDepth } from './compressed-depth.js';
import { pngOf } from './png-of.js';

/**
 * How an image is compressed, and so on which topic beside its own image_transport expects it. `png` (mono8) and `jpeg`
 * (rgb8, quality 95) on `TOPIC/compressed`, `depth` (32FC1 and 16UC1) on `TOPIC/compressedDepth`.
 */
export type ImageCompression = 'png' | 'jpeg' | 'depth';

export const COMPRESSED_TOPICS: Readonly<Record<ImageCompression, string>> = {
  png: 'compressed',
  jpeg: 'compressed',
  depth: 'compressedDepth',
};

/** Default of image_transport. */
const JPEG_QUALITY = 95;

/**
 * The sensor_msgs/CompressedImage that image_transport would send of a sensor_msgs/Image: `png` of mono8, `jpeg` of rgb8, `depth` of
 * 32FC1 and 16UC1. Both as CDR.
 * @throws MessageError for other encodings.
 */
export async function compressImage(cdr: Uint8Array, compression: ImageCompression): Promise<Uint8Array> {
  const image = imageCodec.decode(cdr);
  const { header, encoding } = image;
  if (compression === 'depth') {
    const data = await compressedDepth(image);
    return compressedImageCodec.encode({ header, format: `${encoding}; compressedDepth png`, data });
  }
  // Grey has no name behind the word: compressed_publisher.cpp adds one for colours only.
  const format = compression === 'png' ? `${encoding}; png compressed ` : `${encoding}; jpeg compressed bgr8`;
  const data = compression === 'png' ? await pngOfGrey(image) : await jpegOfRgb(image);
  return compressedImageCodec.encode({ header, format, data });
}

async function pngOfGrey(image: Image): Promise<Uint8Array> {
  return await pngOf(rowsOf(image, 'mono8', 1), image.width, image.height);
}

async function jpegOfRgb(image: Image): Promise<Uint8Array> {
  const { width, height } = image;
  const raw = { width, height, channels: 3 } as const;
  return await sharp(rowsOf(image, 'rgb8', 3), { raw })
    .jpeg({ quality: JPEG_QUALITY })
    .toBuffer();
}

function rowsOf(
  { width, height, encoding, step, data }: Image,
  expected: string,
  channels: number,
): Uint8Array {
  if (encoding === expected && step === width * channels) return data.subarray(0, step * height);
  throw new MessageError(
    `an image cannot be compressed: expected \`${expected}\` without padding, got ${encoding} with a step of ${step}`,
  );
}
