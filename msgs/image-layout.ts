import { CdrWriter } from './cdr/cdr-writer.js';
import { MessageError } from './errors.js';
import { type Header, writeHeader } from './header.js';
import { type MessageLayout, messageLayout } from './message-layout.js';

/** The fields of a sensor_msgs/Image without its data: `height` rows of `step` bytes. Each row begins with `width` pixels. */
export interface ImageFields {
  /** Stamp and frame of the image. */
  readonly header: Header;
  /** Rows of the image. */
  readonly height: number;
  /** Pixels in a row. */
  readonly width: number;
  /**
   * What the pixels hold, such as `rgb8`, `bgr8`, `mono8`, `16UC1` or `32FC1`. Cameras may also send rgba8, bgra8, mono16, rgb16,
   * bgr16, 8UC1 to 8UC4, 16UC1 to 16UC4, yuv422 in its orders, nv12, i420 and bayer mosaics.
   * Source: sensor_msgs/image_encodings.hpp.
   */
  readonly encoding: string;
  /** 1 if the pixels' multi-byte numbers are big endian, else 0. */
  readonly is_bigendian: number;
  /** Bytes in a row, padding included; at least `width` times the bytes of a pixel. */
  readonly step: number;
}

/**
 * Layout of the CDR message of an Image of `height` rows of `step` bytes. Only the strings move the data, so one
 * layout serves all frames of a stream.
 */
export function layoutImage(
  image: { readonly frame_id: string; readonly encoding: string },
  height: number,
  width: number,
  step: number,
): MessageLayout {
  const measure = new CdrWriter();
  const header = { stamp: { sec: 0, nanosec: 0 }, frame_id: image.frame_id };
  const { encoding } = image;
  writeImagePrefix(measure, { header, height, width, encoding, is_bigendian: 0, step }, step * height);
  return messageLayout(measure.offset, step * height);
}

/**
 * Writes everything but the data of an Image into `message`, the `byteLength` bytes that `layoutImage` describes.
 * The bytes from `dataOffset` on are left as they are: whoever computed the picture wrote them there.
 */
export function writeImageAround(message: Uint8Array, image: ImageFields): void {
  const { frame_id } = image.header;
  const { byteLength } = layoutImage(
    { frame_id, encoding: image.encoding },
    image.height,
    image.width,
    image.step,
  );
  if (message.byteLength !== byteLength) {
    throw new MessageError(
      `sensor_msgs/msg/Image: expected a buffer of \`${byteLength}\` bytes for ${image.height} rows of ` +
        `${image.step} bytes in frame \`${frame_id}\`, got ${message.byteLength}; use the size that layoutImage gives`,
    );
  }
  writeImagePrefix(new CdrWriter(message), image, image.step * image.height);
}

/** All fields up to and including the length of `data`. */
export function writeImagePrefix(writer: CdrWriter, image: ImageFields, dataLength: number): void {
  writeHeader(writer, image.header);
  writer.uint32(image.height);
  writer.uint32(image.width);
  writer.string(image.encoding);
  writer.uint8(image.is_bigendian);
  writer.uint32(image.step);
  writer.uint32(dataLength);
}
