import type { InferenceRequest, InferenceResult, Wants } from '../perception/engine/inference-request.js';
import type { Inferring } from '../perception/operators/infer.js';

/** An engine as the slot needs it: `InferenceEngine`. */
export interface ClosableEngine extends Inferring {
  close(): Promise<void>;
}

export interface LiveSettings {
  readonly wants: Wants;
  readonly scale: number;
}

/**
 * The engine in use, which can be replaced between two frames: frames under way are finished by the old one, which is then
 * closed. What each frame wants is asked when it is its turn, so that parameters and subscriptions count at once.
 */
export class EngineSlot implements Inferring {
  readonly #settings: () => LiveSettings;
  #current: Promise<ClosableEngine>;
  #opened: ClosableEngine | undefined;

  constructor(engine: Promise<ClosableEngine>, settings: () => LiveSettings) {
    this.#settings = settings;
    this.#current = engine;
    this.#watch(engine);
  }

  get alive(): boolean {
    return this.#opened?.alive ?? true;
  }

  /** What a frame would be computed with now. */
  get settings(): LiveSettings {
    return this.#settings();
  }

  async infer(request: InferenceRequest): Promise<InferenceResult> {
    const engine = await this.#current;
    return await engine.infer({ ...request, ...this.#settings() });
  }

  /** Frames from now on go to `engine`; resolves when the old one is closed. */
  async replace(engine: ClosableEngine): Promise<void> {
    const old = this.#current;
    this.#current = Promise.resolve(engine);
    this.#opened = engine;
    await (await old).close();
  }

  async close(): Promise<void> {
    const engine = await this.#current.catch(() => undefined);
    await engine?.close();
  }

  #watch(engine: Promise<ClosableEngine>): void {
    engine.then(
      (opened) => {
        if (this.#current === engine) this.#opened = opened;
      },
      () => {}, // whoever awaits it is told
    );
  }
}
