import { startWorker, type Worker } from '../../../models/start-worker.js';
import { NodeError } from '../../errors.js';
import { BufferPool } from '../engine/buffer-pool.js';
import type { FromMotionWorker, MotionAnswer, MotionRequest } from './motion-protocol.js';

interface Pending {
  readonly resolve: (answer: MotionAnswer) => void;
  readonly reject: (error: Error) => void;
}

const WORKER = new URL('./motion-worker.js', import.meta.url);
/** Masks being published, and a spare one. */
const KEPT_BUFFERS = 4;

/** Compares frames with those before them, in a worker thread. Answers come in the order of the frames. */
export class MotionEngine {
  readonly #worker: Worker;
  readonly #pending = new Map<number, Pending>();
  readonly #masks = new BufferPool(KEPT_BUFFERS);
  #maskBytes = 0;
  #nextId = 0;
  #dead: NodeError | undefined;
  #closing = false;

  /**
   * @param script the worker's program; replaced in tests.
   * @param nice the worker's nice value above the process's, 0 to 19.
   */
  constructor(script: URL = WORKER, nice = 0) {
    this.#worker = startWorker(script, { name: 'rxdepth-motion', workerData: { nice } });
    this.#worker.on('message', (message: FromMotionWorker) => this.#answer(message));
    this.#worker.on('error', (cause) => this.#die(`the motion worker died: ${cause.message}`));
    this.#worker.on('exit', (code) => this.#die(`the motion worker ended with exit code ${code}`));
  }

  /** Whether the worker still answers. */
  get alive(): boolean {
    return this.#dead === undefined && !this.#closing;
  }

  /**
   * Compares a frame with those before it. Its maps, mask and points are transferred: they come back with the answer, or
   * are lost. Rejects with NodeError when the frame cannot be compared or the worker is gone.
   */
  track(request: Omit<MotionRequest, 'id' | 'reuse'>): Promise<MotionAnswer> {
    if (!this.alive) return Promise.reject(this.#dead ?? new NodeError('the motion worker is closed'));
    const id = this.#nextId++;
    const reuse = this.#masks.reuse(this.#maskBytes, this.#maskBytes);
    const { maps, dynamic, points, lidar } = request;
    const views = [maps.image, dynamic, points].filter((view) => view !== undefined);
    const transfer = [...views.map(({ buffer }) => buffer as ArrayBuffer), ...(reuse ? [reuse] : [])];
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve, reject });
      const scan = lidar && { ...lidar, cdr: lidar.cdr.slice() };
      const message: MotionRequest = {
        id,
        ...request,
        ...(reuse && { reuse }),
        ...(scan && { lidar: scan }),
      };
      this.#worker.postMessage(message, transfer);
    });
  }

  /** Gives the memory of a `moving` message back to the engine. */
  recycle({ buffer }: Uint8Array): void {
    this.#maskBytes = buffer.byteLength;
    this.#masks.give(buffer as ArrayBuffer);
  }

  /** Finishes the requests under way and ends the worker. It always resolves. */
  async close(): Promise<void> {
    if (this.#closing || this.#dead !== undefined) return;
    this.#closing = true;
    const ended = new Promise<void>((resolve) => this.#worker.once('exit', () => resolve()));
    this.#worker.postMessage('close');
    await ended;
  }

  #answer(message: FromMotionWorker): void {
    const pending = this.#pending.get(message.id);
    this.#pending.delete(message.id);
    if (message.kind === 'motion') pending?.resolve(message);
    else pending?.reject(new NodeError(message.message));
  }

  #die(reason: string): void {
    this.#dead ??= new NodeError(reason);
    for (const { reject } of this.#pending.values()) reject(this.#dead);
    this.#pending.clear();
  }
}
