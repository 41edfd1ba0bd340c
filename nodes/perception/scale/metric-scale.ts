import type { ScaleMeasurements } from '../motion/motion-protocol.js';
import { ScaleFilter } from './scale-filter.js';
import { isEstimated, type ScaleSource } from './scale-source.js';

/** The factor of one frame. */
export interface FrameScale {
  /** By which the model's depth is multiplied; 1 where it is unknown. */
  readonly factor: number;
  /** Whether the product is metres. */
  readonly metric: boolean;
}

export interface MetricScaleOptions {
  readonly source: ScaleSource;
  /** Whether the model's own depth is metres. */
  readonly modelIsMetric: boolean;
  /** Of `constant`; asked for every frame. */
  readonly constant?: () => number;
  /** Metres from the road to the camera, for `camera_height`; undefined while it is unknown. */
  readonly cameraHeight?: () => number | undefined;
  /** Metres a second at a time, for `odometry`; undefined where it is unknown. */
  readonly speedAt?: (stampNs: bigint) => number | undefined;
  /**
   * Frames whose estimates do not count yet, at least 1: as many as may be in flight makes the factors independent of how
   * fast frames are computed.
   */
  readonly lag?: number;
}

/** Slower than this, in metres a second, the way between two frames is too short to tell a scale. */
const SLOWEST = 2;
/** Factors of a metric model are near 1; those of a relative one may be anything reasonable. */
const METRIC_BOUNDS = { least: 0.2, most: 5 };
const RELATIVE_BOUNDS = { least: 1e-3, most: 1e4 };

/**
 * The factor from the model's depth to metres. A frame is computed with what the frames before it told, so that all of
 * its outputs agree. An estimated factor is unknown in the first frames, unless the model is metric itself: then it
 * begins at 1.
 */
export class MetricScale {
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

  /** The factor of the next frame; to be asked once for each, in their order. */
  next(): FrameScale {
    const { lag = 1 } = this.#options;
    const known = this.#begun - lag;
    this.#begun += 1;
    const { length } = this.#history;
    // With fewer frames done than that, the last one's.
    return this.#frameScale(this.#history[Math.min(length - 1, length - (this.#done - known))]);
  }

  /** The factor now, NaN where there is none, and the relative spread of the estimates it comes from. */
  get current(): { readonly factor: number; readonly spread: number } {
    const { factor, metric } = this.#frameScale(this.#filter.value);
    return { factor: metric ? factor : Number.NaN, spread: this.#filter.spread };
  }

  /** Estimates out of bounds. */
  get rejected(): number {
    return this.#filter.rejected;
  }

  /** A frame is done: what was measured on it; undefined when it has no result. To be told once for each, in their order. */
  done(stampNs: bigint, measured: ScaleMeasurements | undefined): void {
    const estimate = measured && this.#estimate(stampNs, measured);
    if (estimate !== undefined) this.#filter.add(estimate);
    this.#done += 1;
    this.#history.push(this.#filter.value);
    if (this.#history.length > 2 * (this.#options.lag ?? 1) + 1) this.#history.shift();
  }

  /** Another model runs: what the frames before told is of no use. */
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
