import { type InferenceSession, Tensor } from 'onnxruntime-node';
import { conversionGraph } from '../../../models/conversion-graph.js';
import { openSession } from '../../../models/open-session.js';
import { NodeError } from '../../errors.js';
import { BufferPool } from './buffer-pool.js';
import type { WireRawImage } from './inference-protocol.js';
import type { Pixels } from './pixels.js';

/** Converted images at once: one computed, one waiting, one spare. */
const KEPT_BUFFERS = 3;

/**
 * Turns images whose colours are not a plain choice of bytes (yuv422, bayer, 16 bits) into RGB by the conversion graphs.
 * A camera has one encoding: its session is opened with the first image and kept. `convert` blocks its thread, so this
 * lives in a worker.
 */
export class ImageConverter {
  readonly #threads: number | undefined;
  readonly #sessions = new Map<string, Promise<InferenceSession>>();
  readonly #buffers = new BufferPool(KEPT_BUFFERS);
  readonly #lent = new Set<ArrayBufferLike>();

  /** @param threads of a conversion; onnxruntime's own choice when left out */
  constructor(threads?: number) {
    this.#threads = threads;
  }

  /**
   * The image as rows of RGB without padding, in memory that is the caller's until it is given to `reuse`.
   * @throws NodeError when there is no conversion for the encoding, or this image cannot be converted.
   */
  async convert(image: WireRawImage): Promise<Pixels> {
    const { bytes, height, width, step, encoding } = image;
    const session = await this.#session(image);
    const buffer = this.#buffers.take(height * width * 3);
    const data = new Uint8Array(buffer);
    try {
      await session.run(
        {
          image: new Tensor('uint8', bytes.subarray(0, step * height), [height, step]),
          width: new Tensor('int64', BigInt64Array.of(BigInt(width)), []),
        },
        { rgb: new Tensor('uint8', data, [height, width * 3]) },
      );
    } catch (cause) {
      this.#buffers.give(buffer);
      throw new NodeError(
        `the image (\`encoding\` "${encoding}", ${width} x ${height} pixels, \`step\` ${step}) cannot be converted to ` +
          `RGB: ${(cause as Error).message.trim().split('\n')[0]}`,
        { cause },
      );
    }
    this.#lent.add(buffer);
    return { data, height, width, step: width * 3, bytesPerPixel: 3, channelOrder: [0, 1, 2] };
  }

  /** Gives the memory of converted pixels back; others are left alone. */
  reuse({ data: { buffer } }: Pixels): void {
    if (buffer instanceof ArrayBuffer && this.#lent.delete(buffer)) this.#buffers.give(buffer);
  }

  /** Closes the sessions; nothing may be converted any more. */
  async release(): Promise<void> {
    for (const opened of this.#sessions.values()) {
      const session = await opened.catch(() => undefined);
      await session?.release();
    }
    this.#sessions.clear();
  }

  #session({ encoding, is_bigendian }: WireRawImage): Promise<InferenceSession> {
    const key = `${encoding} ${is_bigendian !== 0}`;
    const known = this.#sessions.get(key);
    if (known !== undefined) return known;
    const opened = this.#open(encoding, is_bigendian !== 0);
    this.#sessions.set(key, opened);
    return opened;
  }

  async #open(encoding: string, isBigEndian: boolean): Promise<InferenceSession> {
    const file = conversionGraph(encoding, isBigEndian);
    if (file === undefined) throw new NodeError(`images of \`encoding\` "${encoding}" cannot be read`);
    return (await openSession(file, 'cpu', this.#threads)).session;
  }
}
