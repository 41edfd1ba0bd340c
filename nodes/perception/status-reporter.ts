import type { Header } from '../../msgs/header.js';
import type { PerceptionStatus } from '../../msgs/perception-status.js';
import { LatencyHistogram } from './latency-histogram.js';

export interface StatusFacts {
  readonly model: { readonly name: string; readonly version: number };
  readonly provider: string;
  readonly device: string;
  /** Factor to metres at this moment; NaN when there is none. */
  readonly scale: number;
  readonly scaleSource: string;
}

export interface StatusCounts {
  readonly framesIn: number;
  readonly framesOut: number;
  readonly framesDropped: number;
  readonly framesFailed: number;
}

/** Makes the status messages: counts since the start, rates and latencies of the period since the last one. */
export class StatusReporter {
  readonly #facts: StatusFacts;
  readonly #now: () => number;
  #latency = new LatencyHistogram();
  #lambdas: number[] = [];
  #periodStartMs: number;
  #framesIn = 0;
  #framesOut = 0;

  constructor(facts: StatusFacts, now: () => number = () => performance.now()) {
    this.#facts = facts;
    this.#now = now;
    this.#periodStartMs = now();
  }

  /** @param latencyMs from receiving an image to publishing its depth */
  published(latencyMs: number): void {
    this.#latency.add(latencyMs);
  }

  /** @param lambda overlap of the dynamic classes of a frame and an earlier one; NaN where it is unknown */
  compared(lambda: number): void {
    if (!Number.isNaN(lambda)) this.#lambdas.push(lambda);
  }

  /** The status of the period that ends now; the next one begins. */
  report(header: Header, counts: StatusCounts): PerceptionStatus {
    const nowMs = this.#now();
    const seconds = (nowMs - this.#periodStartMs) / 1000;
    const rate = (frames: number) => (seconds > 0 ? frames / seconds : 0);
    const { model, provider, device, scale, scaleSource } = this.#facts;
    const status: PerceptionStatus = {
      header,
      model_name: model.name,
      model_version: String(model.version),
      ...{ provider, device },
      input_rate_hz: rate(counts.framesIn - this.#framesIn),
      output_rate_hz: rate(counts.framesOut - this.#framesOut),
      frames_in: counts.framesIn,
      frames_out: counts.framesOut,
      frames_dropped: counts.framesDropped,
      frames_failed: counts.framesFailed,
      latency_p50_ms: this.#latency.quantileMs(0.5),
      latency_p95_ms: this.#latency.quantileMs(0.95),
      ...{ scale, scale_source: scaleSource },
      dc_lambda: this.#lambdas.reduce((a, b) => a + b, 0) / this.#lambdas.length,
    };
    this.#lambdas = [];
    this.#latency = new LatencyHistogram();
    this.#periodStartMs = nowMs;
    this.#framesIn = counts.framesIn;
    this.#framesOut = counts.framesOut;
    return status;
  }
}
