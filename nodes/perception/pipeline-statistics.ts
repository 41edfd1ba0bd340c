import { quoteUntrusted } from '../../msgs/quote-untrusted.js';
import type { Fault } from './fault.js';
import { LatencyHistogram } from './latency-histogram.js';

/** Counts and latencies of one stage so far. */
export interface StageSummary {
  /** Name of the stage. */
  readonly stage: string;
  /** Items that passed. */
  readonly count: number;
  /** Frames that were dropped. */
  readonly drops: number;
  /** Frames that failed. */
  readonly faults: number;
  /** Median latency, milliseconds. */
  readonly p50Ms: number;
  /** 95th percentile of the latency, milliseconds. */
  readonly p95Ms: number;
  /** Largest latency, milliseconds. */
  readonly maxMs: number;
}

/** Faults of one stage with similar reasons. */
export interface FaultGroup {
  /** Name of the stage. */
  readonly stage: string;
  /** Reason of the first fault of the group. */
  readonly reason: string;
  /** Stamp of the first frame, nanoseconds since the epoch. */
  readonly firstStampNs: bigint;
  /** Number of faults. */
  readonly count: number;
}

/** A warning, and how often it came. */
export interface Warning {
  /** What is odd. */
  readonly text: string;
  /** Number of times. */
  readonly count: number;
}

/** Callbacks for every single fault and warning. */
export interface StatisticsObserver {
  /** Called with every fault. */
  readonly failed?: (fault: Fault) => void;
  /** @param stage of the frame that is odd, where it is known */
  readonly warned?: (text: string, stage: string | undefined) => void;
}

/** Reasons repeat what recordings hold, such as a frame_id of a megabyte. */
const LONGEST_TEXT = 600;
/** Groups beyond this many are counted together: memory stays bounded whatever a bag holds. */
const MOST_GROUPS = 50;

class Stage {
  count = 0;
  drops = 0;
  faults = 0;
  readonly latency = new LatencyHistogram();
}

/** Counts, drops, faults and latencies of a pipeline's stages, in bounded memory. */
export class PipelineStatistics {
  readonly #stages = new Map<string, Stage>();
  readonly #faults = new Map<
    string,
    { stage: string; reason: string; firstStampNs: bigint; count: number }
  >();
  readonly #warnings = new Map<string, number>();
  readonly #onWarning: ((text: string) => void) | undefined;
  readonly #observer: StatisticsObserver;
  #dropCount = 0;

  /** @param onWarning called once for each kind of warning */
  constructor(onWarning?: (text: string) => void, observer: StatisticsObserver = {}) {
    this.#onWarning = onWarning;
    this.#observer = observer;
  }

  /** Counts an item that passed a stage; `latencyMs` is the time that it spent there. */
  passed(stage: string, latencyMs?: number): void {
    const entry = this.#stage(stage);
    entry.count += 1;
    if (latencyMs !== undefined) entry.latency.add(latencyMs);
  }

  /** Counts a frame that was dropped. */
  dropped(stage: string): void {
    this.#stage(stage).drops += 1;
    this.#dropCount += 1;
  }

  /** Counts a stage that was skipped for a frame with other results. */
  leftOut(stage: string): void {
    this.#stage(stage).drops += 1;
  }

  /** Counts a fault. */
  failed(fault: Fault): void {
    this.#stage(fault.stage).faults += 1;
    this.#observer.failed?.(fault);
    // One kind of fault, whatever sizes and offsets its text names.
    const wanted = `${fault.stage}: ${fault.reason.replace(/\d+/g, '#')}`;
    const key = this.#faults.has(wanted) || this.#faults.size < MOST_GROUPS ? wanted : 'other';
    const group = this.#faults.get(key);
    if (group !== undefined) group.count += 1;
    else {
      const reason = key === 'other' ? 'other reasons' : quoteUntrusted(fault.reason, LONGEST_TEXT);
      this.#faults.set(key, { stage: fault.stage, reason, firstStampNs: fault.stampNs, count: 1 });
    }
  }

  /** Counts something odd that costs no frame. */
  warned(given: string, stage?: string): void {
    const text = quoteUntrusted(given, LONGEST_TEXT);
    this.#observer.warned?.(text, stage);
    const count = this.#warnings.get(text);
    if (count === undefined && this.#warnings.size >= MOST_GROUPS) return;
    this.#warnings.set(text, (count ?? 0) + 1);
    if (count === undefined) this.#onWarning?.(text);
  }

  /** Counts and latencies of every stage so far. */
  get stages(): StageSummary[] {
    return [...this.#stages].map(([stage, { count, drops, faults, latency }]) => ({
      stage,
      count,
      drops,
      faults,
      p50Ms: latency.quantileMs(0.5),
      p95Ms: latency.quantileMs(0.95),
      maxMs: latency.maxMs,
    }));
  }

  /** Counts and latencies of one stage; undefined if nothing passed it yet. */
  stage(name: string): StageSummary | undefined {
    return this.stages.find(({ stage }) => stage === name);
  }

  /** Faults so far, grouped. */
  get faults(): FaultGroup[] {
    return [...this.#faults.values()].map((group) => ({ ...group }));
  }

  /** Number of faults so far. */
  get faultCount(): number {
    let sum = 0;
    for (const { count } of this.#faults.values()) sum += count;
    return sum;
  }

  /** Number of dropped frames so far. */
  get dropCount(): number {
    return this.#dropCount;
  }

  /** Warnings so far, each with its count. */
  get warnings(): Warning[] {
    return [...this.#warnings].map(([text, count]) => ({ text, count }));
  }

  #stage(name: string): Stage {
    let stage = this.#stages.get(name);
    if (stage === undefined) {
      stage = new Stage();
      this.#stages.set(name, stage);
    }
    return stage;
  }
}
