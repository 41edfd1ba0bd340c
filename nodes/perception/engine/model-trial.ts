import type { Inferring } from '../operators/infer.js';
import { type DepthSample, sampleDepth } from './depth-sample.js';
import type { InferenceRequest } from './inference-request.js';
import { type Likeness, likeness } from './likeness.js';

export interface TrialOptions {
  /** Frames that are looked at, default 3. */
  readonly frames?: number;
  /** Milliseconds without a frame after which the trial ends with what it has, default 2000. */
  readonly patienceMs?: number;
}

/** How a trial ended; without `likeness`, no frame came. */
export type TrialOutcome =
  | { readonly kind: 'seen'; readonly likeness?: Likeness }
  | { readonly kind: 'failed'; readonly reason: string };

/** Takes the depths of the running model on the same frame; undefined when it could not compute it either. */
export type Reference = (before: DepthSample | undefined) => void;

/**
 * A new model on trial: it computes some of the frames beside the running one, whose results are used. One at a time, so
 * that it takes no more than its share of the machine.
 */
export class ModelTrial {
  readonly done: Promise<TrialOutcome>;
  readonly #engine: Pick<Inferring, 'infer'>;
  readonly #frames: number;
  readonly #patienceMs: number;
  readonly #pairs: { readonly after: DepthSample; readonly before: DepthSample }[] = [];
  #busy = false;
  #timer: NodeJS.Timeout | undefined;
  #end: (outcome: TrialOutcome) => void = () => {};

  constructor(engine: Pick<Inferring, 'infer'>, { frames = 3, patienceMs = 2000 }: TrialOptions = {}) {
    this.#engine = engine;
    this.#frames = frames;
    this.#patienceMs = patienceMs;
    this.done = new Promise((resolve) => {
      this.#end = resolve;
    });
    this.#wait();
  }

  /** Offers a frame; what is returned has to be told the running model's result. */
  offer(request: InferenceRequest): Reference | undefined {
    if (this.#busy || this.#pairs.length >= this.#frames) return undefined;
    this.#busy = true;
    clearTimeout(this.#timer);
    let tell: Reference = () => {};
    const before = new Promise<DepthSample | undefined>((resolve) => {
      tell = resolve;
    });
    void this.#compare(request, before);
    return tell;
  }

  /** Ends the trial at once. */
  cancel(reason: string): void {
    clearTimeout(this.#timer);
    this.#end({ kind: 'failed', reason });
  }

  async #compare(request: InferenceRequest, reference: Promise<DepthSample | undefined>): Promise<void> {
    let after: DepthSample | undefined;
    let failure = '';
    try {
      const result = await this.#engine.infer(request);
      after = sampleDepth(result.messages.depth);
      result.release();
    } catch (error) {
      failure = (error as Error).message;
    }
    const before = await reference;
    this.#busy = false;
    if (after === undefined && before !== undefined) {
      this.cancel(`it cannot compute a frame that the running model can: ${failure}`);
      return;
    }
    if (after !== undefined && before !== undefined) this.#pairs.push({ after, before });
    if (this.#pairs.length >= this.#frames) this.#finish();
    else this.#wait();
  }

  #wait(): void {
    this.#timer = setTimeout(() => this.#finish(), this.#patienceMs);
  }

  #finish(): void {
    const found = this.#pairs.length > 0 ? { likeness: likeness(this.#pairs) } : {};
    this.#end({ kind: 'seen', ...found });
  }
}
