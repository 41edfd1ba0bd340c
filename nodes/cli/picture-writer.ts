import path from 'node:path';
import type { DecodeOptions } from '../../models/decode-image.js';
import { startWorker, type Worker } from '../../models/start-worker.js';
import { makeFolder } from '../../msgs/files/make-folder.js';
import { NodeError } from '../errors.js';
import type { WireImage } from '../perception/engine/inference-protocol.js';
import { isRawImage } from '../perception/frame.js';
import type { EncodedFrame } from '../perception/operators/encode.js';
import type { PictureAnswer, PictureRequest } from './picture-protocol.js';

/** Panels that may wait in the worker: the replay goes on while one is drawn. */
const MOST_WAITING = 2;

/** Writes a PNG panel of every n-th frame (camera, depth, labels, what can move and what moves), drawn in a worker of its own. */
export class PictureWriter {
  readonly folder: string;
  readonly #every: number;
  readonly #metric: boolean;
  readonly #worker: Worker;
  readonly #waiting: ((answer: PictureAnswer) => void)[] = [];
  #drawing: Promise<void>[] = [];
  #seen = 0;
  #written = 0;
  #failure: string | undefined;
  #dead: string | undefined;

  private constructor(folder: string, every: number, metric: boolean, decoding: DecodeOptions) {
    this.folder = folder;
    this.#every = every;
    this.#metric = metric;
    this.#worker = startWorker(new URL('./picture-worker.js', import.meta.url), {
      name: 'rxdepth-pictures',
      workerData: decoding,
    });
    this.#worker.on('message', (answer: PictureAnswer) => this.#waiting.shift()?.(answer));
    const fail = (error: unknown) => {
      this.#dead = String(error);
      for (const resolve of this.#waiting.splice(0)) resolve({ error: this.#dead });
    };
    this.#worker.on('error', fail);
    this.#worker.on('exit', () => fail('the picture worker ended'));
  }

  /**
   * @param decoding how the images' messages are read
   * @throws NodeError when the folder cannot be made.
   */
  static async create(
    folder: string,
    every: number,
    metric: boolean,
    decoding: DecodeOptions = {},
  ): Promise<PictureWriter> {
    try {
      await makeFolder(folder);
    } catch (cause) {
      throw new NodeError(
        `the folder for pictures \`${folder}\` cannot be made: ${(cause as Error).message}`,
        { cause },
      );
    }
    return new PictureWriter(folder, every, metric, decoding);
  }

  get written(): number {
    return this.#written;
  }

  /** Why pictures are missing; undefined when none is. */
  get failure(): string | undefined {
    return this.#failure;
  }

  /** Takes copies of what it needs, so the frame's memory is free when the promise resolves. */
  async add({ frame }: EncodedFrame): Promise<void> {
    const index = this.#seen++;
    if (index % this.#every !== 0) return;
    if (this.#drawing.length >= MOST_WAITING) await this.#drawing[0];
    const { depth, color, dynamic, moving } = frame.result.messages;
    const seconds = Number(frame.image.stampNs / 1_000_000n) / 1000;
    const title = `frame ${index}  ${seconds.toFixed(3)} s`;
    const file = path.join(this.folder, `${String(index).padStart(6, '0')}.png`);
    const image = copyImage(frame);
    const drawn = this.#draw({
      ...{ file, title, image, metric: this.#metric, depth: depth.slice(), color: color?.slice() },
      ...{ dynamic: dynamic?.slice(), moving: moving?.slice() },
    });
    const done = drawn.then(() => {
      this.#drawing = this.#drawing.filter((other) => other !== done);
    });
    this.#drawing.push(done);
  }

  /** Resolves when all panels are written. */
  async close(): Promise<void> {
    await Promise.all(this.#drawing);
    await this.#worker.terminate();
  }

  async #draw(request: PictureRequest): Promise<void> {
    const answer = await new Promise<PictureAnswer>((resolve) => {
      if (this.#dead !== undefined) {
        resolve({ error: this.#dead });
        return;
      }
      this.#waiting.push(resolve);
      this.#worker.postMessage(request);
    });
    if (answer.error === undefined) this.#written += 1;
    else this.#failure ??= answer.error;
  }
}

function copyImage({ image: { message } }: EncodedFrame['frame']): WireImage {
  const bytes = message.data.slice();
  if (!isRawImage(message)) return { kind: 'compressed', bytes, format: message.format };
  const { height, width, step, encoding, is_bigendian } = message;
  return { kind: 'raw', bytes, height, width, step, encoding, is_bigendian };
}
