import type { ScaleMeasurements } from '../motion/motion-protocol.js';
import { ScaleFilter } from './scale-filter.js';
import { isEstimated, type ScaleSource } from './scale-source.js';

/** The scale of one frame. */
export interface FrameScale {
  /** Factor on the model's depth; 1 if unknown. */
  readonly factor: number;
  /** Whether the product is in metres. */
  readonly metric: boolean;
}

/** Where the metric scale comes from. */
export interface MetricScaleOptions {
  /** The source of the scale. */
  readonly source: ScaleSource;
  /** Whether the model's own depth is in metres. */
  readonly modelIsMetric: boolean;
  /** Returns the factor of the source `constant`. It is called for every frame. */
  readonly constant?: () => number;
  /** Returns the height of the camera over the road in metres, for `camera_height`; undefined while unknown. */
  readonly cameraHeight?: () => number | undefined;
  /** Returns the speed at a time in metres a second, for `odometry`; undefined if unknown. */
  readonly speedAt?: (stampNs: bigint) => number | undefined;
  /**
   * Number of latest frames whose estimates do not count yet, at least 1. With as many as may be in flight, the factors do not
   * depend on how fast frames are computed.
   */
  readonly lag?: number;
}

/** Slower than this, in metres a second, the way between two frames is too short to tell a scale. */
const SLOWEST = 2;
/** Factors of a metric model are near 1; those of a relative one may be anything reasonable. */
const METRIC_BOUNDS = { least: 0.2, most: 5 };
const RELATIVE_BOUNDS = { least: 1e-3, most: 1e4 };

/**
 * The factor from the model's depth to metres. A frame uses the estimates of the frames before it, so all of its outputs
 * agree. An estimated factor is unknown in the first frames. If the model itself is metric, the factor begins at 1.
 */
export class MetricScale {
  /** The source of the scale. */
  readonly source: ScaleSource;
  readonly #options: MetricScaleOptions;
  readonly #filter: ScaleFilter;
  /** The factors after each of the last frames that are done, oldest first. */
  #history: (number | undefined)[] = [];
  #begun = 0;
  #done = 0;

  constructor(options: MetricScaleOptions) {
    this.source = options.source;
    this.#options = options;
    this.#filter = new ScaleFilter(options.modelIsMetric ? METRIC_BOUNDS : RELATIVE_BOUNDS);
  }

  /** Returns the factor of the next frame. Call it once for each frame, in their order. */
  next(): FrameScale {
    const { lag = 1 } = this.#options;
    const known = this.#begun - lag;
    this.#begun += 1;
    const { length } = this.#history;
    // With fewer frames done than that, the last one's.
    return this.#frameScale(this.#history[Math.min(length - 1, length - (this.#done - known))]);
  }

  /** The present factor, NaN if there is none, and the relative spread of its estimates. */
  get current(): { readonly factor: number; readonly spread: number } {
    const { factor, metric } = this.#frameScale(this.#filter.value);
    return { factor: metric ? factor : Number.NaN, spread: this.#filter.spread };
  }

  /** Number of estimates out of bounds. */
  get rejected(): number {
    return this.#filter.rejected;
  }

  /** Takes the measurements of a finished frame, undefined if it has no result. Call it once for each frame, in their order. */
  done(stampNs: bigint, measured: ScaleMeasurements | undefined): void {
    const estimate = measured && this.#estimate(stampNs, measured);
    if (estimate !== undefined) this.#filter.add(estimate);
    this.#done += 1;
    this.#history.push(this.#filter.value);
    if (this.#history.length > 2 * (this.#options.lag ?? 1) + 1) this.#history.shift();
  }

  /** Forgets all estimates. Call it when another model runs. */
  reset(): void {
    this.#filter.reset();
    this.#history = this.#history.map(() => undefined);
  }

  #frameScale(estimated: number | undefined): FrameScale {
    const { source, modelIsMetric, constant } = this.#options;
    if (source === 'none') return { factor: 1, metric: false };
    if (source === 'constant') return { factor: constant?.() ?? 1, metric: true };
    if (estimated !== undefined && isEstimated(source)) return { factor: estimated, metric: true };
    return { factor: 1, metric: modelIsMetric };
  }

  #estimate(
    stampNs: bigint,
    { roadHeight, travelled, seconds, lidarRatio }: ScaleMeasurements,
  ): number | undefined {
    const { cameraHeight, speedAt, source } = this.#options;
    if (source === 'lidar') return lidarRatio;
    if (source === 'camera_height') {
      const height = cameraHeight?.();
      return height === undefined || roadHeight === undefined ? undefined : height / roadHeight;
    }
    if (source !== 'odometry' || travelled === undefined || seconds === undefined) return undefined;
    const speed = speedAt?.(stampNs);
    return speed === undefined || Math.abs(speed) < SLOWEST
      ? undefined
      : (Math.abs(speed) * seconds) / travelled;
  }
}
