import { imageEncoding } from '../msgs/image-encoding.js';
import { type ImagePlane, imagePlanes } from '../msgs/image-planes.js';
import type { Pixels } from '../msgs/picture/pixels.js';
import { type ConversionGraph, conversionGraph } from './conversion-graph.js';
import { ModelError } from './errors.js';
import { type InferenceSession, Tensor } from './onnxruntime.js';
import { openSession } from './open-session.js';

/** Converted images at once: one computed, one waiting, one spare. */
const KEPT_BUFFERS = 3;
/** Least and most bits of a number of two bytes. */
const SIXTEEN_BITS = 16;

/** A raw image: `height` rows of `step` bytes of an `encoding` of sensor_msgs/Image, and planes of colour if it has any. */
export interface RawImage {
  readonly bytes: Uint8Array;
  readonly height: number;
  readonly width: number;
  readonly step: number;
  readonly encoding: string;
  readonly is_bigendian: number;
}

/** The planes by the names of the graphs' inputs. */
const PLANE_NAMES = [['image'], ['image', 'chroma'], ['image', 'chroma_u', 'chroma_v']] as const;

interface Opened {
  readonly session: InferenceSession;
  readonly graph: ConversionGraph;
}

/**
 * Turns images whose colours are not a plain choice of bytes (yuv, bayer, 16 bits) into RGB by the conversion graphs.
 * A camera has one encoding: its session is opened with the first image and kept. `convert` blocks its thread, so on the
 * frame path this lives in a worker.
 */
export class ImageConverter {
  readonly #threads: number | undefined;
  readonly #sessions = new Map<string, Promise<Opened>>();
  readonly #free: ArrayBuffer[] = [];
  readonly #lent = new Set<ArrayBufferLike>();

  /** @param threads of a conversion; onnxruntime's own choice when left out */
  constructor(threads?: number) {
    this.#threads = threads;
  }

  /**
   * The image as rows of RGB without padding, in memory that is the caller's until it is given to `reuse`.
   * @param bitDepth of the numbers of 16-bit encodings: 2^bitDepth - 1 is white
   * @throws ModelError when there is no conversion for the encoding, or this image cannot be converted; MessageError when
   * its data are too short.
   */
  async convert(image: RawImage, bitDepth = SIXTEEN_BITS): Promise<Pixels> {
    const { bytes, height, width, step, encoding } = image;
    const { session, graph } = await this.#session(image);
    const known = imageEncoding(encoding);
    const planes = imagePlanes(known ?? { name: encoding }, image, bytes.length);
    const names: readonly string[] = PLANE_NAMES[planes.length - 1] ?? [];
    const buffer = this.#take(height * width * 3);
    const data = new Uint8Array(buffer);
    const feeds: Record<string, Tensor> = {
      width: new Tensor('int64', BigInt64Array.of(BigInt(width)), []),
      ...(graph.scaled && {
        full_scale: new Tensor('float32', Float32Array.of(2 ** bitDepth - 1), []),
      }),
    };
    for (const [index, plane] of planes.entries()) feeds[names[index] ?? ''] = tensorOf(bytes, plane);
    try {
      await session.run(feeds, { rgb: new Tensor('uint8', data, [height, width * 3]) });
    } catch (cause) {
      this.#give(buffer);
      throw new ModelError(
        `the image (\`encoding\` "${encoding}", ${width} x ${height} pixels, \`step\` ${step}) cannot be converted to ` +
          `RGB: ${(cause as Error).message.trim().split('\n')[0]}`,
        { cause },
      );
    }
    this.#lent.add(buffer);
    return { data, height, width, step: width * 3, bytesPerPixel: 3, channelOrder: [0, 1, 2] };
  }

  /** Gives the memory of converted pixels back; others are left alone. */
  reuse({ data: { buffer } }: Pick<Pixels, 'data'>): void {
    if (buffer instanceof ArrayBuffer && this.#lent.delete(buffer)) this.#give(buffer);
  }

  /** Closes the sessions; nothing may be converted any more. */
  async release(): Promise<void> {
    for (const opened of this.#sessions.values()) {
      const found = await opened.catch(() => undefined);
      await found?.session.release();
    }
    this.#sessions.clear();
  }

  #take(byteLength: number): ArrayBuffer {
    const index = this.#free.findIndex((buffer) => buffer.byteLength === byteLength);
    return (index < 0 ? undefined : this.#free.splice(index, 1)[0]) ?? new ArrayBuffer(byteLength);
  }

  #give(buffer: ArrayBuffer): void {
    this.#free.push(buffer);
    if (this.#free.length > KEPT_BUFFERS) this.#free.shift();
  }

  #session({ encoding, is_bigendian }: RawImage): Promise<Opened> {
    const key = `${encoding} ${is_bigendian !== 0}`;
    const known = this.#sessions.get(key);
    if (known !== undefined) return known;
    const opened = this.#open(encoding, is_bigendian !== 0);
    this.#sessions.set(key, opened);
    return opened;
  }

  async #open(encoding: string, isBigEndian: boolean): Promise<Opened> {
    const graph = conversionGraph(imageEncoding(encoding)?.name ?? encoding, isBigEndian);
    if (graph === undefined) throw new ModelError(`images of \`encoding\` "${encoding}" cannot be read`);
    return { graph, session: (await openSession(graph.file, 'cpu', this.#threads)).session };
  }
}

function tensorOf(bytes: Uint8Array, { offset, rows, step }: ImagePlane): Tensor {
  return new Tensor('uint8', bytes.subarray(offset, offset + rows * step), [rows, step]);
}
