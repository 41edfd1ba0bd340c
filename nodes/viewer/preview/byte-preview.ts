import { MessageError } from '../../../msgs/errors.js';
import { imageCodec } from '../../../msgs/image.js';
import type { Preview } from './preview.js';
import { sampledSize } from './sampled-size.js';

/**
 * An image of one byte a pixel (classes, masks), every n-th pixel as it is: mixing neighbours would make up classes.
 * @throws MessageError when it is no such image.
 */
export function bytePreview(cdr: Uint8Array): Preview {
  const image = imageCodec.decode(cdr);
  if (image.encoding !== 'mono8' && image.encoding !== '8UC1')
    throw new MessageError(`expected \`mono8\`, got \`${image.encoding}\``);
  if (image.step < image.width || image.data.length < image.step * image.height)
    throw new MessageError(
      `${image.data.length} bytes are too few for ${image.width} x ${image.height} pixels`,
    );
  const { every, width, height } = sampledSize(image);
  const payload = new Uint8Array(width * height);
  let to = 0;
  for (let row = 0; row < image.height; row += every) {
    let at = row * image.step;
    for (let column = 0; column < width; column++, at += every) payload[to++] = image.data[at] as number; // checked above
  }
  return { head: { format: 'byte', width, height }, payload };
}
