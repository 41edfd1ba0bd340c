import { availableParallelism } from 'node:os';
import type { DecodeOptions } from '../../../models/decode-image.js';
import type { Device, DeviceChoice } from '../../../models/device.js';
import type { CompressedImage } from '../../../msgs/compressed-image.js';
import type { Image } from '../../../msgs/image.js';
import { imageEncoding } from '../../../msgs/image-encoding.js';
import { imagePlanes, planesLength } from '../../../msgs/image-planes.js';
import { BufferPool } from './buffer-pool.js';
import { buffersOf } from './buffers-of.js';
import { EngineError } from './engine-error.js';
import type { WireImage, WireRequest, WorkerSetup } from './inference-protocol.js';
import type { InferenceRequest, InferenceResult } from './inference-request.js';
import { LentMemory } from './lent-memory.js';
import { type WireResult, WorkerSession } from './worker-session.js';

/** How to open an engine. */
export interface EngineOptions {
  /** Path of the model's `perception.onnx`. */
  readonly graphPath: string;
  /** Device to compute on. */
  readonly device: DeviceChoice;
  /** CPU threads of all sessions together; default: one for each core. */
  readonly threads?: number;
  /**
   * `throughput`: on the CPU, several frames at once, each in a session of few threads. For recordings.
   * `latency` (default): one session with all threads. For live cameras.
   */
  readonly goal?: 'throughput' | 'latency';
  /** Size of the warm-up image, default 192 x 640. */
  readonly warmUp?: { readonly height: number; readonly width: number };
  /** Options of decoding; default: a pixel limit in proportion to each image's camera_info. */
  readonly decoding?: DecodeOptions;
  /** Nice value of the computing threads above the process's, 0 to 19. */
  readonly nice?: number;
  /** Buffer of a SharedReply, for callers that cannot await. It gets `''` when the first worker is ready, else the reason. */
  readonly started?: SharedArrayBuffer;
  /** Number of dead workers that the engine replaces over its life; default 2. */
  readonly restarts?: number;
  /** Called when a worker died and was replaced. */
  readonly onRestart?: (error: EngineError) => void;
  /** URL of the worker's program; tests replace it. */
  readonly script?: URL;
}

/** More sessions only cost memory: two single-threaded ones already beat one of two threads. */
const MOST_SESSIONS = 4;
/** Frames a session has at once: one computed, one decoded beside it. */
const FRAMES_A_SESSION = 2;

const WORKER = new URL('./inference-worker.js', import.meta.url);
const DEFAULT_WARM_UP = { height: 192, width: 640 };

/**
 * Computes frames in worker threads. Every session runs one frame at a time. Images and messages cross the threads without
 * copies, and the engine uses their memory again.
 */
export class InferenceEngine {
  /** The device that the sessions run on. */
  readonly device: Device;
  /** Devices that `auto` passed over, with reasons. */
  readonly passedOver: readonly { readonly device: Device; readonly why: string }[];
  /** Time of the first run, milliseconds. */
  readonly warmUpMs: number;
  /** Threads of each session; undefined on a GPU, where onnxruntime chooses. */
  readonly threadsPerSession: number | undefined;

  readonly #spawn: () => WorkerSession;
  readonly #options: EngineOptions;
  readonly #inputs: BufferPool;
  #sessions: WorkerSession[];
  #restartsLeft: number;
  #broken: EngineError | undefined;
  #closing: Promise<void> | undefined;
  #nextId = 0;

  /** Starts the workers, opens the model and runs it once. @throws EngineError if a worker cannot start. */
  static async open(options: EngineOptions): Promise<InferenceEngine> {
    const plan = planSessions(options);
    const inputs = new BufferPool(2 * MOST_SESSIONS * FRAMES_A_SESSION);
    const life: { died: (session: WorkerSession, error: EngineError) => void } = { died: () => {} };
    const spawn = (device: DeviceChoice, threads: number | undefined): WorkerSession => {
      const { graphPath, warmUp = DEFAULT_WARM_UP, started, nice, decoding } = options;
      const setup: WorkerSetup = {
        ...{ graphPath, device, warmUp },
        ...(threads !== undefined && { threads }),
        ...(started !== undefined && { started }),
        ...(nice !== undefined && { nice }),
        ...(decoding !== undefined && { decoding }),
      };
      const session: WorkerSession = new WorkerSession({
        setup,
        script: options.script ?? WORKER,
        onInput: (input) => inputs.give(input),
        onDeath: (error) => life.died(session, error),
      });
      return session;
    };

    // The first says which device it really is; a GPU needs no second session.
    const first = spawn(options.device, plan.threads);
    const { device, passedOver, warmUpMs } = await first.ready;
    const others =
      device === 'cpu' ? Array.from({ length: plan.sessions - 1 }, () => spawn('cpu', plan.threads)) : [];
    const sessions = [first, ...others];
    try {
      await Promise.all(others.map(({ ready }) => ready));
    } catch (error) {
      await Promise.all(sessions.map((session) => session.close()));
      throw error;
    }
    const engine = new InferenceEngine(options, {
      sessions,
      inputs,
      spawn: () => spawn(device, plan.threads),
      facts: { device, passedOver, warmUpMs, threadsPerSession: device === 'cpu' ? plan.threads : undefined },
    });
    life.died = (session, error) => engine.#replace(session, error);
    return engine;
  }

  private constructor(
    options: EngineOptions,
    parts: {
      readonly sessions: WorkerSession[];
      readonly inputs: BufferPool;
      readonly spawn: () => WorkerSession;
      readonly facts: Pick<InferenceEngine, 'device' | 'passedOver' | 'warmUpMs' | 'threadsPerSession'>;
    },
  ) {
    this.#options = options;
    this.#sessions = parts.sessions;
    this.#inputs = parts.inputs;
    this.#spawn = parts.spawn;
    this.#restartsLeft = options.restarts ?? 2;
    this.device = parts.facts.device;
    this.passedOver = parts.facts.passedOver;
    this.warmUpMs = parts.facts.warmUpMs;
    this.threadsPerSession = parts.facts.threadsPerSession;
  }

  /** Number of sessions. */
  get sessions(): number {
    return this.#sessions.length;
  }

  /** Number of frames that keep all sessions busy. Further frames only wait. */
  get capacity(): number {
    return this.#sessions.length * FRAMES_A_SESSION;
  }

  /** Whether the engine can still compute. If false, `infer` rejects with EngineError. */
  get alive(): boolean {
    return this.#broken === undefined && this.#closing === undefined;
  }

  /**
   * Computes one frame.
   * @throws NodeError if this frame cannot be computed; EngineError if the worker died over it or the engine is closed.
   */
  async infer(request: InferenceRequest): Promise<InferenceResult> {
    if (this.#broken !== undefined) throw this.#broken;
    if (this.#closing !== undefined) throw new EngineError('the inference engine is closed');
    const session = this.#sessions.reduce((a, b) => (b.load < a.load ? b : a));
    const { info, cameraKind, scale, wants, image } = request;
    const wire: WireRequest = {
      id: this.#nextId++,
      header: image.header,
      image: this.#wireImage(image),
      info,
      cameraKind,
      scale,
      wants,
    };
    return resultOf(await session.infer(wire), session);
  }

  /** Finishes the frames in flight and ends the workers; always resolves. */
  close(): Promise<void> {
    this.#closing ??= Promise.all(this.#sessions.map((session) => session.close())).then(() => {});
    return this.#closing;
  }

  #wireImage(image: Image | CompressedImage): WireImage {
    const length = 'encoding' in image ? rawLength(image) : image.data.length;
    const bytes = new Uint8Array(this.#inputs.takeAtLeast(length), 0, length);
    bytes.set(image.data.length === length ? image.data : image.data.subarray(0, length));
    if (!('encoding' in image)) return { kind: 'compressed', bytes, format: image.format };
    const { height, width, step, encoding, is_bigendian } = image;
    return { kind: 'raw', bytes, height, width, step, encoding, is_bigendian };
  }

  #replace(dead: WorkerSession, error: EngineError): void {
    if (this.#closing !== undefined) return;
    const others = this.#sessions.filter((session) => session !== dead);
    if (this.#restartsLeft > 0) {
      this.#restartsLeft -= 1;
      this.#sessions = [...others, this.#spawn()];
      this.#options.onRestart?.(error);
    } else {
      this.#sessions = others;
      if (others.length === 0) this.#broken = error;
    }
  }
}

/** Bytes of the data that mean anything. */
function rawLength(image: Image): number {
  const encoding = imageEncoding(image.encoding) ?? { name: image.encoding };
  return planesLength(imagePlanes(encoding, image, image.data.length));
}

function resultOf(wire: WireResult, session: WorkerSession): InferenceResult {
  const { width, height, messages, maps, incomparable, timings, warnings } = wire;
  let returned: readonly Uint8Array[] | undefined;
  const memory = new LentMemory(() => {
    // What was transferred elsewhere has no bytes here any more.
    const held = buffersOf(wire).filter(({ byteLength }) => byteLength > 0);
    session.recycle([...held, ...(returned ?? []).map(({ buffer }) => buffer as ArrayBuffer)]);
  });
  return {
    width,
    height,
    messages,
    timings,
    ...(maps && { maps }),
    ...(incomparable && { incomparable }),
    ...(warnings && { warnings }),
    keep: () => memory.keep(),
    release: (cameBack = []) => {
      returned ??= cameBack;
      memory.release();
    },
  };
}

/** CPU sessions and the threads of each. */
function planSessions({ threads = availableParallelism(), goal = 'latency' }: EngineOptions): {
  readonly sessions: number;
  readonly threads: number;
} {
  const sessions = goal === 'throughput' ? Math.max(1, Math.min(MOST_SESSIONS, threads)) : 1;
  return { sessions, threads: Math.max(1, Math.floor(threads / sessions)) };
}
