import sharp from 'sharp';
import { imageEncoding } from '../../../msgs/image-encoding.js';
import { NodeError } from '../../errors.js';
import type { ImageConverter } from './image-converter.js';
import type { WireImage } from './inference-protocol.js';
import type { Pixels } from './pixels.js';

// One frame is decoded by one thread while onnxruntime has the others; nothing is seen twice, so no cache.
sharp.concurrency(1);
sharp.cache(false);

/**
 * The pixels of an image message: its own bytes where the graph can read them, else decoded (jpeg, png) or converted
 * (yuv422, bayer, 16 bits) to 8-bit RGB, in memory of
 * `converter`, to which `converter.reuse` gives it back.
 *
 * Compressed images are decoded by libvips on libuv's threads, so that it overlaps with inference. EXIF orientation is
 * ignored: a message's geometry is that of its camera_info. Transparency is dropped.
 * @throws NodeError when the image cannot be decoded.
 */
export async function decodeImage(image: WireImage, converter: ImageConverter): Promise<Pixels> {
  if (image.kind === 'compressed') return decodeCompressed(image.bytes);
  const encoding = imageEncoding(image.encoding);
  if (encoding?.channelOrder !== undefined) {
    const { bytes, height, width, step } = image;
    const { bytesPerPixel, channelOrder } = encoding;
    return { data: bytes.subarray(0, step * height), height, width, step, bytesPerPixel, channelOrder };
  }
  return converter.convert(image);
}

async function decodeCompressed(bytes: Uint8Array): Promise<Pixels> {
  try {
    const { data, info } = await sharp(bytes, { failOn: 'error' })
      .removeAlpha()
      .toColourspace('srgb')
      .raw()
      .toBuffer({ resolveWithObject: true });
    const { height, width, channels } = info;
    const channelOrder = channels >= 3 ? ([0, 1, 2] as const) : ([0, 0, 0] as const);
    return { data, height, width, step: width * channels, bytesPerPixel: channels, channelOrder };
  } catch (cause) {
    const reason = (cause as Error).message.trim().split('\n')[0];
    throw new NodeError(`the compressed image (${bytes.length} bytes) cannot be decoded: ${reason}`, {
      cause,
    });
  }
}
