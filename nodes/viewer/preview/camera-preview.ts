import { compressedImageCodec } from '../../../msgs/compressed-image.js';
import { type Image, imageCodec } from '../../../msgs/image.js';
import { imageEncoding } from '../../../msgs/image-encoding.js';
import { mosaicEncoding } from '../../../msgs/picture/compressed-format.js';
import { pictureHeader } from '../../../msgs/picture/picture-header.js';
import type { Preview } from './preview.js';
import { sampledSize } from './sampled-size.js';

/** A compressed picture up to so many bytes and pixels goes to the page as it is: the browser decodes it, not the node. */
const MOST_BYTES = 2_000_000;
const MOST_PIXELS = 9_000_000;

/**
 * A camera's picture, as cheap as it is to be had: a jpeg or png as it came, else every n-th pixel. Undefined where neither
 * goes, so that it has to be decoded elsewhere.
 * @throws MessageError when the message is damaged.
 */
export function cameraPreview(type: string, cdr: Uint8Array): Preview | undefined {
  if (type === imageCodec.type) return sampled(imageCodec.decode(cdr));
  const { data, format: announced } = compressedImageCodec.decode(cdr);
  const { format, width, height, bits } = pictureHeader(data);
  if (data.length > MOST_BYTES || width * height > MOST_PIXELS || bits > 8) return undefined;
  if (mosaicEncoding(announced, 1) !== undefined) return undefined;
  return { head: { format, width, height }, payload: data.slice() };
}

function sampled(image: Image): Preview | undefined {
  const { bytesPerPixel, channelOrder } = imageEncoding(image.encoding) ?? {};
  if (bytesPerPixel === undefined || channelOrder === undefined) return undefined;
  const { step, data } = image;
  if (step < image.width * bytesPerPixel || data.length < step * image.height) return undefined;
  const { every, width, height } = sampledSize(image);
  const [red, green, blue] = channelOrder;
  const payload = new Uint8Array(width * height * 3);
  let to = 0;
  for (let row = 0; row < image.height; row += every) {
    let at = row * step;
    for (let column = 0; column < width; column++, at += every * bytesPerPixel) {
      payload[to] = data[at + red] as number; // within: checked above
      payload[to + 1] = data[at + green] as number;
      payload[to + 2] = data[at + blue] as number;
      to += 3;
    }
  }
  return { head: { format: 'rgb', width, height }, payload };
}
