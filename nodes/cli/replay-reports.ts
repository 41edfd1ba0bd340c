import type { Manifest } from '../../models/manifest.js';
import type { Header } from '../../msgs/header.js';
import { labelInfoCodec } from '../../msgs/label-info.js';
import { perceptionStatusCodec } from '../../msgs/perception-status.js';
import { labelInfoOf } from '../perception/label-info-of.js';
import type { EncodedFrame } from '../perception/operators/encode.js';
import type { ComparedFrame } from '../perception/operators/track-motion.js';
import type { PerceptionTopics } from '../perception/perception-topics.js';
import type { MetricScale } from '../perception/scale/metric-scale.js';
import { type StatusCounts, type StatusFacts, StatusReporter } from '../perception/status-reporter.js';
import type { Sink } from '../transport/transport.js';

const STATUS_PERIOD_NS = 1_000_000_000n;

export interface ReplayReportsOptions {
  readonly sink: Sink;
  readonly topics: PerceptionTopics;
  readonly scale: Pick<MetricScale, 'source' | 'current'>;
  /** Manifest of the model that runs now. */
  readonly manifest: () => Manifest;
  readonly facts: Omit<StatusFacts, 'model' | 'scale' | 'scaleSource'>;
  readonly counts: () => StatusCounts;
}

/** What a replay publishes beside the frames: the class names once, the status every second of the recording. */
export class ReplayReports {
  readonly #options: ReplayReportsOptions;
  readonly #status: StatusReporter;
  #last: { readonly header: Header; readonly logTimeNs: bigint } | undefined;
  #nextStatusNs: bigint | undefined;
  #reported = true;

  constructor(options: ReplayReportsOptions) {
    this.#options = options;
    const { manifest, facts, scale } = options;
    this.#status = new StatusReporter({
      ...facts,
      get model() {
        return manifest();
      },
      get scale() {
        return scale.current.factor;
      },
      get scaleSource() {
        return scale.source === 'model' && !manifest().depth.metric ? 'none' : scale.source;
      },
    });
  }

  /** Before the messages of a frame are published. */
  async before({ frame: { image } }: EncodedFrame): Promise<void> {
    if (this.#last !== undefined) return;
    const { header } = image.message;
    const { sink, topics, manifest } = this.#options;
    if (topics.labelInfo === undefined) return;
    const cdr = labelInfoCodec.encode(labelInfoOf(manifest().classes, header));
    await sink.publish({ topic: topics.labelInfo, cdr, logTimeNs: image.logTimeNs });
  }

  /** After the messages of a frame were published. */
  async after({ frame: { image, arrivedMs }, publishedMs, motion }: ComparedFrame): Promise<void> {
    this.#status.published((publishedMs ?? performance.now()) - arrivedMs);
    this.#status.compared(motion?.lambda ?? Number.NaN);
    this.#last = { header: image.message.header, logTimeNs: image.logTimeNs };
    this.#reported = false;
    this.#nextStatusNs ??= image.logTimeNs + STATUS_PERIOD_NS;
    if (image.logTimeNs < this.#nextStatusNs) return;
    while (this.#nextStatusNs <= image.logTimeNs) this.#nextStatusNs += STATUS_PERIOD_NS;
    await this.#publishStatus();
  }

  /** After the last frame. */
  async end(): Promise<void> {
    if (!this.#reported) await this.#publishStatus();
  }

  async #publishStatus(): Promise<void> {
    if (this.#last === undefined) return;
    this.#reported = true;
    const { sink, topics, counts } = this.#options;
    const cdr = perceptionStatusCodec.encode(this.#status.report(this.#last.header, counts()));
    await sink.publish({ topic: topics.status, cdr, logTimeNs: this.#last.logTimeNs });
  }
}
