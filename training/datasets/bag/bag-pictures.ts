import type { DecodeOptions } from '../../../models/decode-image.js';
import type { BagReader } from '../../../msgs/bag/bag-reader.js';
import { type CompressedImage, compressedImageCodec } from '../../../msgs/compressed-image.js';
import { type Image, imageCodec } from '../../../msgs/image.js';
import type { RgbPicture } from '../../../msgs/picture/rgb-picture.js';
import { stampedMessages } from './bag-topics.js';
import { cameraPicture } from './camera-picture.js';
import { type CameraTopics, COMPRESSED_TYPE } from './camera-topics.js';
import type { Stamped } from './match-stamps.js';

/** The messages of a camera's image topic. */
export function cameraImages(
  bag: BagReader,
  { topic, type }: CameraTopics['image'],
): AsyncGenerator<Stamped<Image | CompressedImage>> {
  return type === COMPRESSED_TYPE
    ? stampedMessages(bag, topic, compressedImageCodec)
    : stampedMessages(bag, topic, imageCodec);
}

/** The camera pictures of a bag by their stamps, asked for in about stamp order: reading goes forward only. */
export class BagPictures {
  readonly #images: AsyncIterator<Stamped<Image | CompressedImage>> | undefined;
  #held: Stamped<Image | CompressedImage> | undefined;

  readonly #decoding: DecodeOptions;

  /** Without an image topic there are no pictures. @param decoding how they are read */
  constructor(bag: BagReader, image: CameraTopics['image'] | undefined, decoding: DecodeOptions = {}) {
    this.#decoding = decoding;
    if (image !== undefined) this.#images = cameraImages(bag, image);
  }

  /** Undefined when there is no image of this stamp. */
  async at(stampNs: bigint): Promise<RgbPicture | undefined> {
    while (this.#images !== undefined && (this.#held === undefined || this.#held.stampNs < stampNs)) {
      const next = await this.#images.next();
      if (next.done) break;
      this.#held = next.value;
    }
    return this.#held?.stampNs === stampNs
      ? await cameraPicture(this.#held.value, this.#decoding)
      : undefined;
  }

  async close(): Promise<void> {
    await this.#images?.return?.();
  }
}
