/** Which byte of a pixel holds red, green and blue. */
export type ChannelOrder = readonly [r: number, g: number, b: number];

/** What the pixels of an `encoding` of sensor_msgs/Image look like in memory. */
export interface ImageEncoding {
  readonly name: string;
  /** Mean bytes per pixel: `width * bytesPerPixel` is the least `step`. */
  readonly bytesPerPixel: number;
  /** Colour is a plain choice of bytes within each pixel; absent where a conversion must come first. */
  readonly channelOrder?: ChannelOrder;
  /** The conversion that must come first, where colour can be had at all. */
  readonly conversion?: 'yuv422_uyvy' | 'yuv422_yuyv' | 'bayer' | 'mono16';
  /** Colours of the top left 2x2 pixels in reading order, for `conversion: 'bayer'`. */
  readonly bayerPattern?: 'rggb' | 'bggr' | 'gbrg' | 'grbg';
  /** Bytes of one number: 1, 2 or 4; above 1 `is_bigendian` matters. */
  readonly bytesPerChannel: 1 | 2 | 4;
}

const GREY: ChannelOrder = [0, 0, 0];
const RGB: ChannelOrder = [0, 1, 2];
const BGR: ChannelOrder = [2, 1, 0];

/**
 * The encodings that rxdepth reads or writes. `8UC1`, `8UC3` and `8UC4` say nothing about colour and are taken, as
 * cv_bridge does, as mono8, bgr8 and bgra8. A `yuv422` row holds whole pairs of pixels.
 * Source: sensor_msgs/image_encodings.hpp.
 */
const ENCODINGS: readonly ImageEncoding[] = [
  { name: 'rgb8', bytesPerPixel: 3, bytesPerChannel: 1, channelOrder: RGB },
  { name: 'bgr8', bytesPerPixel: 3, bytesPerChannel: 1, channelOrder: BGR },
  { name: 'rgba8', bytesPerPixel: 4, bytesPerChannel: 1, channelOrder: RGB },
  { name: 'bgra8', bytesPerPixel: 4, bytesPerChannel: 1, channelOrder: BGR },
  { name: 'mono8', bytesPerPixel: 1, bytesPerChannel: 1, channelOrder: GREY },
  { name: '8UC1', bytesPerPixel: 1, bytesPerChannel: 1, channelOrder: GREY },
  { name: '8UC3', bytesPerPixel: 3, bytesPerChannel: 1, channelOrder: BGR },
  { name: '8UC4', bytesPerPixel: 4, bytesPerChannel: 1, channelOrder: BGR },
  { name: 'mono16', bytesPerPixel: 2, bytesPerChannel: 2, conversion: 'mono16' },
  { name: '16UC1', bytesPerPixel: 2, bytesPerChannel: 2, conversion: 'mono16' },
  { name: '32FC1', bytesPerPixel: 4, bytesPerChannel: 4 },
  { name: 'yuv422', bytesPerPixel: 2, bytesPerChannel: 1, conversion: 'yuv422_uyvy' },
  { name: 'uyvy', bytesPerPixel: 2, bytesPerChannel: 1, conversion: 'yuv422_uyvy' },
  { name: 'yuv422_yuy2', bytesPerPixel: 2, bytesPerChannel: 1, conversion: 'yuv422_yuyv' },
  { name: 'yuyv', bytesPerPixel: 2, bytesPerChannel: 1, conversion: 'yuv422_yuyv' },
  { name: 'bayer_rggb8', bytesPerPixel: 1, bytesPerChannel: 1, conversion: 'bayer', bayerPattern: 'rggb' },
  { name: 'bayer_bggr8', bytesPerPixel: 1, bytesPerChannel: 1, conversion: 'bayer', bayerPattern: 'bggr' },
  { name: 'bayer_gbrg8', bytesPerPixel: 1, bytesPerChannel: 1, conversion: 'bayer', bayerPattern: 'gbrg' },
  { name: 'bayer_grbg8', bytesPerPixel: 1, bytesPerChannel: 1, conversion: 'bayer', bayerPattern: 'grbg' },
];

const BY_NAME: ReadonlyMap<string, ImageEncoding> = new Map(ENCODINGS.map((e) => [e.name, e]));

/** Names of all known encodings, for messages to people. */
export const SUPPORTED_ENCODINGS: readonly string[] = ENCODINGS.map(({ name }) => name);

/** undefined for an encoding that is not known. */
export function imageEncoding(name: string): ImageEncoding | undefined {
  return BY_NAME.get(name);
}
