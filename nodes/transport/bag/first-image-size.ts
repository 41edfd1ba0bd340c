import sharp from 'sharp';
import type { BagReader } from '../../../msgs/bag/bag-reader.js';
import { compressedImageCodec } from '../../../msgs/compressed-image.js';
import { imageCodec } from '../../../msgs/image.js';
import { NodeError } from '../../errors.js';

/** Images looked at before giving up. */
const MOST_TRIED = 50;

export interface ImageSize {
  readonly width: number;
  readonly height: number;
}

/** Size of the first image of a topic that can be read. @throws NodeError when there is none. */
export async function firstImageSize(
  reader: BagReader,
  { topic, type }: { readonly topic: string; readonly type: string },
): Promise<ImageSize> {
  let tried = 0;
  for await (const { cdr } of reader.messages({ topics: [topic] })) {
    const size = await sizeOf(type, cdr).catch(() => undefined);
    if (size !== undefined && size.width > 0 && size.height > 0) return size;
    if (++tried === MOST_TRIED) break;
  }
  throw new NodeError(`${reader.path}: none of the first ${tried} images of ${topic} can be read.`);
}

async function sizeOf(type: string, cdr: Uint8Array): Promise<ImageSize> {
  if (type === imageCodec.type) return imageCodec.decode(cdr);
  const { width, height } = await sharp(compressedImageCodec.decode(cdr).data).metadata();
  return { width, height };
}
