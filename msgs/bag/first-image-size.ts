import { compressedImageCodec } from '../compressed-image.js';
import { MessageError } from '../errors.js';
import { imageCodec } from '../image.js';
import { pictureHeader } from '../picture/picture-header.js';
import type { BagReader } from './bag-reader.js';

/** Images looked at before giving up. */
const MOST_TRIED = 50;

export interface ImageSize {
  readonly width: number;
  readonly height: number;
}

/** Size of the first image of a topic that can be read. @throws MessageError when there is none. */
export async function firstImageSize(
  reader: BagReader,
  { topic, type }: { readonly topic: string; readonly type: string },
): Promise<ImageSize> {
  let tried = 0;
  for await (const { cdr } of reader.messages({ topics: [topic] })) {
    try {
      const { width, height } = sizeOf(type, cdr);
      if (width > 0 && height > 0) return { width, height };
    } catch {
      // A damaged image is counted when it comes up; the next one may serve.
    }
    if (++tried === MOST_TRIED) break;
  }
  throw new MessageError(`${reader.path}: none of the first ${tried} images of ${topic} can be read.`);
}

function sizeOf(type: string, cdr: Uint8Array): ImageSize {
  if (type === imageCodec.type) return imageCodec.decode(cdr);
  return pictureHeader(compressedImageCodec.decode(cdr).data);
}
