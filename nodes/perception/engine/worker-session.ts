import { startWorker, type Worker } from '../../../models/start-worker.js';
import { NodeError } from '../../errors.js';
import { EngineError } from './engine-error.js';
import type { FromWorker, ToWorker, WireRequest, WorkerSetup } from './inference-protocol.js';

type Ready = Extract<FromWorker, { kind: 'ready' }>;
export type WireResult = Extract<FromWorker, { kind: 'result' }>;

interface Pending {
  readonly resolve: (result: WireResult) => void;
  readonly reject: (error: Error) => void;
}

export interface WorkerSessionOptions {
  readonly setup: WorkerSetup;
  /** The worker's program; replaced in tests. */
  readonly script: URL;
  /** Takes back the memory in which an image was sent. */
  readonly onInput: (input: ArrayBuffer) => void;
  /** The worker ended without being asked to. */
  readonly onDeath: (error: EngineError) => void;
}

/** How long a worker may take to finish its frames when it is closed, milliseconds. */
const CLOSE_MS = 30_000;

/** One inference worker seen from outside: requests, answers, life and death. */
export class WorkerSession {
  readonly ready: Promise<Ready>;
  readonly #options: WorkerSessionOptions;
  readonly #worker: Worker;
  readonly #exited: Promise<void>;
  readonly #pending = new Map<number, Pending>();
  #closing = false;
  #dead: EngineError | undefined;

  constructor(options: WorkerSessionOptions) {
    this.#options = options;
    const worker = startWorker(options.script, { workerData: options.setup, name: 'rxdepth-inference' });
    this.#worker = worker;
    this.#exited = new Promise((resolve) => worker.once('exit', () => resolve()));
    this.ready = new Promise((resolve, reject) => {
      let refusal: string | undefined;
      worker.on('message', (message: FromWorker) => {
        if (message.kind === 'ready') resolve(message);
        else if (message.kind === 'refused') refusal = message.message;
        else this.#answer(message);
      });
      worker.on('error', (cause) => {
        const error = new EngineError(`the inference worker died: ${cause.message}`, { cause });
        this.#die(error);
        reject(error);
      });
      worker.on('exit', (code) => {
        const error = new EngineError(refusal ?? `the inference worker ended with exit code ${code}`);
        this.#die(error);
        reject(error);
      });
    });
    this.ready.catch(() => {});
  }

  get alive(): boolean {
    return this.#dead === undefined && !this.#closing;
  }

  /** Frames that were sent and not answered. */
  get load(): number {
    return this.#pending.size;
  }

  /** Sends a frame; its bytes are transferred. Rejects with EngineError when the worker is gone. */
  infer(request: WireRequest): Promise<WireResult> {
    if (!this.alive) return Promise.reject(this.#dead ?? new EngineError('the inference worker is closed'));
    return new Promise((resolve, reject) => {
      this.#pending.set(request.id, { resolve, reject });
      this.#post({ kind: 'infer', request }, [request.image.bytes.buffer as ArrayBuffer]);
    });
  }

  /** Gives the memory of a result back. */
  recycle(buffers: ArrayBuffer[]): void {
    if (this.alive) this.#post({ kind: 'recycle', buffers }, buffers);
  }

  /** Finishes the frames in flight and ends the worker; always resolves. */
  async close(): Promise<void> {
    if (!this.#closing && this.#dead === undefined) {
      this.#closing = true;
      // A worker that is still loading would not read the message in time for a refusal; waiting is right for both.
      await this.ready.catch(() => {});
      this.#post({ kind: 'close' });
    }
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<'late'>((resolve) => {
      timer = setTimeout(() => resolve('late'), CLOSE_MS);
    });
    // Ending a worker by force while onnxruntime runs in it aborts the process: only when nothing else helps.
    if ((await Promise.race([this.#exited, late])) === 'late') await this.#worker.terminate();
    clearTimeout(timer);
  }

  #post(message: ToWorker, transfer: ArrayBuffer[] = []): void {
    this.#worker.postMessage(message, transfer);
  }

  #answer(message: Extract<FromWorker, { kind: 'result' | 'failed' }>): void {
    this.#options.onInput(message.input);
    const pending = this.#pending.get(message.id);
    this.#pending.delete(message.id);
    if (message.kind === 'result') pending?.resolve(message);
    else pending?.reject(new NodeError(message.message));
  }

  #die(error: EngineError): void {
    if (this.#dead !== undefined) return;
    this.#dead = error;
    for (const { reject } of this.#pending.values()) reject(error);
    this.#pending.clear();
    if (!this.#closing) this.#options.onDeath(error);
  }
}
