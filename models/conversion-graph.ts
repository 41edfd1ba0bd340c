import path from 'node:path';
import { packageRoot } from './package-root.js';

/** Image encodings that a conversion graph turns into rgb8, by the name of the graph's file. */
const GRAPHS: Readonly<Record<string, readonly string[]>> = {
  yuv422: ['yuv422', 'uyvy'],
  yuv422_yuy2: ['yuv422_yuy2', 'yuyv'],
  nv12: ['nv12'],
  nv21: ['nv21'],
  nv24: ['nv24'],
  i420: ['i420'],
  bayer_rggb8: ['bayer_rggb8'],
  bayer_bggr8: ['bayer_bggr8'],
  bayer_gbrg8: ['bayer_gbrg8'],
  bayer_grbg8: ['bayer_grbg8'],
  bayer_rggb16: ['bayer_rggb16'],
  bayer_bggr16: ['bayer_bggr16'],
  bayer_gbrg16: ['bayer_gbrg16'],
  bayer_grbg16: ['bayer_grbg16'],
  mono16: ['mono16', '16UC1'],
  rgb16: ['rgb16'],
  bgr16: ['bgr16', '16UC3'],
  rgba16: ['rgba16'],
  bgra16: ['bgra16', '16UC4'],
};

/** Encodings whose numbers have two bytes, so that their order and their range matter. */
const TWO_BYTES = /16$/;

export interface ConversionGraph {
  /** The ONNX file. */
  readonly file: string;
  /** Whether it has the input `full_scale`. */
  readonly scaled: boolean;
}

/**
 * The ONNX graph that converts images of an encoding to rgb8; undefined where there is none.
 *
 * Inputs: `image` uint8 [H, step], the message's rows with their padding; `width` int64 []. Where `scaled`, also `full_scale`
 * float32 [], the number that means white. For planes of colour, also `chroma`, or `chroma_u` and `chroma_v`. Output: `rgb`
 * uint8 [H, 3 W]. All extents are dynamic. See training/perception-graph/conversion-graphs.ts.
 * @param encoding of sensor_msgs/Image.
 * @param isBigEndian the message's `is_bigendian`; only heeded where a number has two bytes.
 */
export function conversionGraph(encoding: string, isBigEndian: boolean): ConversionGraph | undefined {
  const found = Object.entries(GRAPHS).find(([, encodings]) => encodings.includes(encoding));
  if (found === undefined) return undefined;
  const [name] = found;
  const scaled = TWO_BYTES.test(name);
  const file = `${name}${isBigEndian && scaled ? '_bigendian' : ''}.onnx`;
  return { file: path.join(packageRoot(), 'models', 'conversions', file), scaled };
}
