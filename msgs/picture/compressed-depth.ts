import { MessageError } from '../errors.js';
import type { Image } from '../image.js';
import { pngOf } from './png-of.js';

/** `depth_quantization` of compressed_depth_image_transport: its default. */
const QUANTIZATION = 100;
/** `depth_max`: what lies beyond is 0 in the picture. The header tells readers, so that it need not be their default of 10 m. */
export const COMPRESSED_DEPTH_MAX_METERS = 100;
/** Depth is A / (number - B): A and B of the header. */
const A = QUANTIZATION * (QUANTIZATION + 1);
const B = 1 - A / COMPRESSED_DEPTH_MAX_METERS;
/** ConfigHeader: an int32 and two float32, little endian as on all machines of ROS. */
const HEADER_BYTES = 12;
const INVERSE_DEPTH = 0;
const MOST = 65535;
/** codec.cpp computes with float. */
const single = Math.fround;

/**
 * The numbers of the picture of a 32FC1 depth image, metres: inverse depths, A / depth + B, without the fraction. It is 0 for
 * what is not nearer than `COMPRESSED_DEPTH_MAX_METERS`, for NaN, and for what is no depth. What is nearer than A / (65535 -
 * B), 0.15 m, counts as that.
 */
export function quantizedInverseDepth(depthMeters: Float32Array): Uint16Array {
  return Uint16Array.from(depthMeters, (depth) =>
    depth > 0 && depth < COMPRESSED_DEPTH_MAX_METERS
      ? Math.min(MOST, Math.trunc(single(single(A / depth) + B)))
      : 0,
  );
}

/**
 * A depth image (32FC1 metres or 16UC1 millimetres) as `data` of image_transport's `compressedDepth`: a header, and a PNG of 16
 * bits.
 * Source: image_transport_plugins, compressed_depth_image_transport/src/codec.cpp (Jazzy).
 * @throws MessageError for other encodings.
 */
export async function compressedDepth({
  width,
  height,
  encoding,
  is_bigendian,
  step,
  data,
}: Image): Promise<Uint8Array> {
  const bytes = encoding === '32FC1' ? 4 : 2;
  if ((encoding !== '32FC1' && encoding !== '16UC1') || is_bigendian !== 0 || step !== bytes * width)
    throw new MessageError(
      `compressedDepth: expected \`32FC1\` or \`16UC1\`, little endian, without padding, got ${encoding} with a step of ${step}`,
    );
  // A copy: the numbers need not be aligned within the message.
  const { buffer } = Uint8Array.from(data.subarray(0, step * height));
  const isMeters = encoding === '32FC1';
  const numbers = isMeters ? quantizedInverseDepth(new Float32Array(buffer)) : new Uint16Array(buffer);
  const png = await pngOf(numbers, width, height);
  const whole = new Uint8Array(HEADER_BYTES + png.length);
  const header = new DataView(whole.buffer);
  header.setInt32(0, INVERSE_DEPTH, true);
  header.setFloat32(4, isMeters ? A : 0, true);
  header.setFloat32(8, isMeters ? B : 0, true);
  whole.set(png, HEADER_BYTES);
  return whole;
}
