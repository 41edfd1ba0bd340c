import { type Observable, Subject } from 'rxjs';
import type { LoadedModel } from '../../../models/model-store.js';
import { formatVersionId } from '../../../models/versions/version-id.js';
import { NodeError } from '../../errors.js';
import type { Inferring } from '../operators/infer.js';
import { sampleDepth } from './depth-sample.js';
import { EngineError } from './engine-error.js';
import type { InferenceRequest, InferenceResult, Wants } from './inference-request.js';
import { implausible, type Likeness } from './likeness.js';
import { ModelTrial, type Reference, type TrialOptions } from './model-trial.js';

/** An engine that somebody closes: `InferenceEngine`. */
export interface ClosableEngine extends Inferring {
  close(): Promise<void>;
}

export interface ModelInUse {
  readonly engine: ClosableEngine;
  readonly model: LoadedModel;
}

/** What may change from frame to frame. */
export interface LiveSettings {
  readonly wants: Wants;
}

/** A swap that was made. */
export interface Swap {
  readonly from: LoadedModel;
  readonly to: LoadedModel;
  /** How many swaps there were, with this one: `generation` of the results that the new model makes. */
  readonly generation: number;
  /** The first frame of the new model, counted from 0 over the engine's life. */
  readonly frame: number;
  /** What the trial found; absent when no frame came to be compared on. */
  readonly likeness?: Likeness;
}

export interface SwapOptions extends TrialOptions {
  /**
   * Whether the new model has to resemble the running one, default true. Not on the way back: the running model may be
   * the bad one.
   */
  readonly compare?: boolean;
}

export interface SwappableEngineOptions {
  /** Wants of every frame, asked when it is its turn; those of the request when left out. */
  readonly settings?: () => LiveSettings;
}

/**
 * An engine whose model can be replaced between two frames. The new one is warmed up before it comes here. It computes the
 * next few frames beside the running one and takes over only if it can, and if its depths are plausible. Frames under way are
 * finished by the old one, which is then closed. No frame is lost, and none is computed twice for the outside.
 */
export class SwappableEngine implements Inferring {
  readonly #settings: (() => LiveSettings) | undefined;
  readonly #swap$ = new Subject<Swap>();
  #model: LoadedModel;
  /** Until the first engine is open. */
  #opening: Promise<void> | undefined;
  #engine: ClosableEngine | undefined;
  #generation = 0;
  #frames = 0;
  #trial: ModelTrial | undefined;
  #swapping: Promise<unknown> = Promise.resolve();
  #closing = false;
  /** Old engines that still finish their frames. */
  #leaving: Promise<unknown> = Promise.resolve();

  constructor(
    model: LoadedModel,
    engine: Promise<ClosableEngine> | ClosableEngine,
    { settings }: SwappableEngineOptions = {},
  ) {
    this.#model = model;
    this.#settings = settings;
    if (!(engine instanceof Promise)) {
      this.#engine = engine;
      return;
    }
    this.#opening = engine.then((opened) => {
      this.#engine = opened;
      this.#opening = undefined;
    });
    this.#opening.catch(() => {}); // whoever infers is told
  }

  get alive(): boolean {
    return this.#engine?.alive ?? true;
  }

  /** The model that computes the next frame. */
  get model(): LoadedModel {
    return this.#model;
  }

  /** How often the model was replaced. */
  get generation(): number {
    return this.#generation;
  }

  /**
   * Swaps, emitted between the last frame of the old model and the first of the new. Results of earlier frames may still
   * come: `generation` of a result tells which model made it.
   */
  get swap$(): Observable<Swap> {
    return this.#swap$;
  }

  async infer(asked: InferenceRequest): Promise<InferenceResult> {
    if (this.#opening !== undefined) await this.#opening;
    const engine = this.#engine;
    if (engine === undefined) throw new EngineError('the inference engine is closed');
    const request = { ...asked, ...this.#settings?.() };
    const generation = this.#generation;
    this.#frames += 1;
    const reference = this.#trial?.offer(request);
    return { generation, ...(await observed(engine.infer(request), reference)) };
  }

  /**
   * Tries the new model on the next frames and lets it take over.
   * @throws NodeError with the reason when it must not; the running model stays and the new one is closed.
   */
  swap(next: ModelInUse, options: SwapOptions = {}): Promise<Swap> {
    const swap = this.#swapping.then(() => this.#try(next, options));
    this.#swapping = swap.catch(() => {});
    return swap;
  }

  /** Finishes the frames in flight; always resolves. */
  async close(): Promise<void> {
    this.#closing = true;
    this.#trial?.cancel('the engine is being closed');
    await this.#swapping;
    await this.#opening?.catch(() => {});
    const engine = this.#engine;
    await Promise.all([this.#leaving, engine?.close()]);
    this.#swap$.complete();
  }

  async #try(next: ModelInUse, { compare = true, ...options }: SwapOptions): Promise<Swap> {
    try {
      await this.#opening;
      if (this.#closing) throw new NodeError('the engine is being closed');
      const found = this.alive ? await this.#attempt(next.engine, options) : undefined;
      if (found !== undefined) {
        const metric = next.model.manifest.depth.metric && this.#model.manifest.depth.metric;
        const reason = this.#objection(next.model, compare ? found : alone(found), metric);
        if (reason !== undefined) throw new NodeError(reason);
      }
      if (!next.engine.alive) throw new NodeError('its inference worker died while it was tried');
      return this.#take(next, found);
    } catch (error) {
      await next.engine.close();
      throw error;
    }
  }

  async #attempt(engine: ClosableEngine, options: TrialOptions): Promise<Likeness | undefined> {
    const trial = new ModelTrial(engine, options);
    this.#trial = trial;
    try {
      const outcome = await trial.done;
      if (outcome.kind === 'failed') throw new NodeError(outcome.reason);
      return outcome.likeness;
    } finally {
      this.#trial = undefined;
    }
  }

  #objection({ manifest }: LoadedModel, found: Likeness, metric: boolean): string | undefined {
    if (manifest.depth.kind === 'none') return undefined;
    const reason = implausible(found, metric);
    return reason && `${formatVersionId(manifest)} is not plausible on ${found.frames} frames: ${reason}`;
  }

  /** From here to the end nothing waits: no frame can come between. */
  #take({ engine, model }: ModelInUse, found: Likeness | undefined): Swap {
    const [old, from] = [this.#engine, this.#model];
    this.#engine = engine;
    this.#model = model;
    this.#generation += 1;
    const [generation, frame] = [this.#generation, this.#frames];
    const swap = { from, to: model, generation, frame, ...(found && { likeness: found }) };
    this.#swap$.next(swap);
    this.#leaving = Promise.all([this.#leaving, old?.close()]);
    return swap;
  }
}

/** The new model's figures, without those that compare it. */
function alone({ frames, finite, unknown, spread }: Likeness): Likeness {
  return { frames, finite, unknown, spread };
}

/** Looks at a result before anybody can give its memory back. */
async function observed(
  inferring: Promise<InferenceResult>,
  reference: Reference | undefined,
): Promise<InferenceResult> {
  if (reference === undefined) return await inferring;
  try {
    const result = await inferring;
    reference(sampleDepth(result.messages.depth));
    return result;
  } catch (error) {
    reference(undefined);
    throw error;
  }
}
