import type { DecodeOptions, EncodedImage } from '../../../models/decode-image.js';
import { startWorker, type Worker } from '../../../models/start-worker.js';
import { compressedImageCodec } from '../../../msgs/compressed-image.js';
import { imageCodec } from '../../../msgs/image.js';
import { NodeError } from '../../errors.js';
import type { PictureDecoder } from '../server/previews.js';
import type { ViewMessage } from '../server/view-message.js';
import type { Preview } from './preview.js';

export type DecodedPreview = { readonly preview: Preview } | { readonly error: string };

/**
 * Decodes the camera's pictures that the page cannot show as they are (yuv, bayer, 16 bits, very large ones). It does so in a
 * worker that is started for the first of them. One at a time: while one is decoded, others are left out.
 */
export class PictureDecoderWorker implements PictureDecoder {
  readonly #options: DecodeOptions;
  #worker: Worker | undefined;
  #answer: ((answer: DecodedPreview) => void) | undefined;

  constructor(options: DecodeOptions) {
    this.#options = options;
  }

  async decode({ channel, cdr }: ViewMessage): Promise<Preview | undefined> {
    if (this.#answer !== undefined) return undefined;
    const image = encodedImage(channel.type, cdr);
    const worker = this.#started();
    const answer = await new Promise<DecodedPreview>((resolve) => {
      this.#answer = resolve;
      worker.postMessage(image, [image.bytes.buffer as ArrayBuffer]); // a copy of its own
    });
    this.#answer = undefined;
    if ('error' in answer) throw new NodeError(answer.error);
    return answer.preview;
  }

  async close(): Promise<void> {
    await this.#worker?.terminate();
  }

  #started(): Worker {
    if (this.#worker !== undefined) return this.#worker;
    const worker = startWorker(new URL('./picture-decoder-thread.js', import.meta.url), {
      name: 'rxdepth-preview',
      workerData: this.#options,
    });
    worker.on('message', (answer: DecodedPreview) => this.#answer?.(answer));
    const fail = (error: unknown) => {
      this.#worker = undefined;
      this.#answer?.({ error: String(error) });
    };
    worker.on('error', fail);
    worker.on('exit', () => fail('the thread that decodes pictures ended'));
    worker.unref();
    this.#worker = worker;
    return worker;
  }
}

function encodedImage(type: string, cdr: Uint8Array): EncodedImage {
  if (type !== imageCodec.type) {
    const { format, data } = compressedImageCodec.decode(cdr);
    return { kind: 'compressed', bytes: data.slice(), format };
  }
  const { height, width, step, encoding, is_bigendian, data } = imageCodec.decode(cdr);
  return { kind: 'raw', bytes: data.slice(), height, width, step, encoding, is_bigendian };
}
