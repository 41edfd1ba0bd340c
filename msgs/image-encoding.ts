/** Which byte of a pixel holds red, green and blue. */
export type ChannelOrder = readonly [r: number, g: number, b: number];

/** What the pixels of an `encoding` of sensor_msgs/Image look like in memory. */
export interface ImageEncoding {
  readonly name: string;
  /** Mean bytes per pixel: `width * bytesPerPixel` is the least `step`. */
  readonly bytesPerPixel: number;
  /** Colour is a plain choice of bytes within each pixel; absent where a conversion must come first, or none is known. */
  readonly channelOrder?: ChannelOrder;
  /** Neighbours in a row that share bytes: rows hold whole groups of so many pixels. */
  readonly pixelsPerGroup: 1 | 2;
  /** Bytes of one number: 1, 2 or 4; above 1 `is_bigendian` matters. */
  readonly bytesPerChannel: 1 | 2 | 4;
  /** Planes of colour after the plane of brightness, to which `bytesPerPixel` then refers. */
  readonly chroma?: ChromaPlanes;
}

/** Where YUV images that are not interleaved keep their colours. */
export interface ChromaPlanes {
  /** Pixels that share a U and a V, in both directions. */
  readonly shared: 1 | 2;
  /** One plane of pairs of U and V, or a plane of each. */
  readonly planes: 1 | 2;
}

const GREY: ChannelOrder = [0, 0, 0];
const RGB: ChannelOrder = [0, 1, 2];
const BGR: ChannelOrder = [2, 1, 0];
const LUMA = { bytesPerPixel: 1, pixelsPerGroup: 1, bytesPerChannel: 1 } as const;

/**
 * The encodings that rxdepth reads or writes. `8UC1`, `8UC3` and `8UC4` say nothing about colour and are taken, as
 * cv_bridge does, as mono8, bgr8 and bgra8, and `16UC1`, `16UC3`, `16UC4` alike. A `yuv422` row holds whole pairs of pixels.
 * `nv12` and `i420` are what drivers write beside the list of ROS.
 * Source: sensor_msgs/image_encodings.hpp.
 */
const ENCODINGS: readonly ImageEncoding[] = [
  { name: 'rgb8', bytesPerPixel: 3, pixelsPerGroup: 1, bytesPerChannel: 1, channelOrder: RGB },
  { name: 'bgr8', bytesPerPixel: 3, pixelsPerGroup: 1, bytesPerChannel: 1, channelOrder: BGR },
  { name: 'rgba8', bytesPerPixel: 4, pixelsPerGroup: 1, bytesPerChannel: 1, channelOrder: RGB },
  { name: 'bgra8', bytesPerPixel: 4, pixelsPerGroup: 1, bytesPerChannel: 1, channelOrder: BGR },
  { name: 'mono8', bytesPerPixel: 1, pixelsPerGroup: 1, bytesPerChannel: 1, channelOrder: GREY },
  { name: '8UC1', bytesPerPixel: 1, pixelsPerGroup: 1, bytesPerChannel: 1, channelOrder: GREY },
  { name: '8UC3', bytesPerPixel: 3, pixelsPerGroup: 1, bytesPerChannel: 1, channelOrder: BGR },
  { name: '8UC4', bytesPerPixel: 4, pixelsPerGroup: 1, bytesPerChannel: 1, channelOrder: BGR },
  { name: 'mono16', bytesPerPixel: 2, pixelsPerGroup: 1, bytesPerChannel: 2 },
  { name: 'rgb16', bytesPerPixel: 6, pixelsPerGroup: 1, bytesPerChannel: 2 },
  { name: 'bgr16', bytesPerPixel: 6, pixelsPerGroup: 1, bytesPerChannel: 2 },
  { name: 'rgba16', bytesPerPixel: 8, pixelsPerGroup: 1, bytesPerChannel: 2 },
  { name: 'bgra16', bytesPerPixel: 8, pixelsPerGroup: 1, bytesPerChannel: 2 },
  { name: '16UC1', bytesPerPixel: 2, pixelsPerGroup: 1, bytesPerChannel: 2 },
  { name: '16UC3', bytesPerPixel: 6, pixelsPerGroup: 1, bytesPerChannel: 2 },
  { name: '16UC4', bytesPerPixel: 8, pixelsPerGroup: 1, bytesPerChannel: 2 },
  { name: '32FC1', bytesPerPixel: 4, pixelsPerGroup: 1, bytesPerChannel: 4 },
  { name: 'yuv422', bytesPerPixel: 2, pixelsPerGroup: 2, bytesPerChannel: 1 },
  { name: 'uyvy', bytesPerPixel: 2, pixelsPerGroup: 2, bytesPerChannel: 1 },
  { name: 'yuv422_yuy2', bytesPerPixel: 2, pixelsPerGroup: 2, bytesPerChannel: 1 },
  { name: 'yuyv', bytesPerPixel: 2, pixelsPerGroup: 2, bytesPerChannel: 1 },
  { name: 'nv12', ...LUMA, chroma: { shared: 2, planes: 1 } },
  { name: 'nv21', ...LUMA, chroma: { shared: 2, planes: 1 } },
  { name: 'nv24', ...LUMA, chroma: { shared: 1, planes: 1 } },
  { name: 'i420', ...LUMA, chroma: { shared: 2, planes: 2 } },
  { name: 'bayer_rggb8', bytesPerPixel: 1, pixelsPerGroup: 1, bytesPerChannel: 1 },
  { name: 'bayer_bggr8', bytesPerPixel: 1, pixelsPerGroup: 1, bytesPerChannel: 1 },
  { name: 'bayer_gbrg8', bytesPerPixel: 1, pixelsPerGroup: 1, bytesPerChannel: 1 },
  { name: 'bayer_grbg8', bytesPerPixel: 1, pixelsPerGroup: 1, bytesPerChannel: 1 },
  { name: 'bayer_rggb16', bytesPerPixel: 2, pixelsPerGroup: 1, bytesPerChannel: 2 },
  { name: 'bayer_bggr16', bytesPerPixel: 2, pixelsPerGroup: 1, bytesPerChannel: 2 },
  { name: 'bayer_gbrg16', bytesPerPixel: 2, pixelsPerGroup: 1, bytesPerChannel: 2 },
  { name: 'bayer_grbg16', bytesPerPixel: 2, pixelsPerGroup: 1, bytesPerChannel: 2 },
];

const BY_NAME: ReadonlyMap<string, ImageEncoding> = new Map(
  ENCODINGS.map((encoding) => [encoding.name.toLowerCase(), encoding]),
);

/** Names of all known encodings, for messages to people. */
export const SUPPORTED_ENCODINGS: readonly string[] = ENCODINGS.map(({ name }) => name);

/** Image encoding by its name, in whatever case a driver spells it; undefined for an encoding that is not known. */
export function imageEncoding(name: string): ImageEncoding | undefined {
  return BY_NAME.get(name.toLowerCase());
}
