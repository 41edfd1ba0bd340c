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
  readonly frameId: string;
}

/** Size and frame of the first image of a topic that can be read. @throws MessageError when there is none. */
export async function firstImageSize(
  reader: BagReader,
  { topic, type }: { readonly topic: string; readonly type: string },
): Promise<ImageSize> {
  let tried = 0;
  for await (const { cdr } of reader.messages({ topics: [topic] })) {
    try {
      const size = sizeOf(type, cdr);
      if (size.width > 0 && size.height > 0) return size;
    } catch {
      // A damaged image is counted when it comes up; the next one may serve.
    }
    if (++tried === MOST_TRIED) break;
  }
  throw new MessageError(`${reader.path}: none of the first ${tried} images of ${topic} can be read.`, {
    topic,
    file: reader.path,
  });
}

function sizeOf(type: string, cdr: Uint8Array): ImageSize {
  if (type === imageCodec.type) {
    const { width, height, header } = imageCodec.decode(cdr);
    return { width, height, frameId: header.frame_id };
  }
  const { data, header } = compressedImageCodec.decode(cdr);
  const { width, height } = pictureHeader(data);
  return { width, height, frameId: header.frame_id };
}
