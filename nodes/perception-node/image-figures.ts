/** Mean, least, most and standard deviation of what was seen in a window; NaN where nothing was. */
export interface Figures {
  readonly count: number;
  readonly mean: number;
  readonly min: number;
  readonly max: number;
  readonly stddev: number;
}

/** Age and period of the images of one window, milliseconds. */
export interface ImageFigures {
  readonly age: Figures;
  readonly period: Figures;
}

/**
 * What ROS calls topic statistics, of the camera's images as the node receives them. They are their age (the node's clock
 * minus their stamp) and their period (between two receptions). Source: statistics_msgs/MetricsMessage,
 * libstatistics_collector.
 */
export class ImageStatistics {
  #age = new Window();
  #period = new Window();
  #beforeMs: number | undefined;

  /** @param ageMs undefined where the clock does not tell; of images that came unseen, only the last of a row is told */
  arrived(nowMs: number, ageMs: number | undefined): void {
    if (ageMs !== undefined) this.#age.add(ageMs);
    if (this.#beforeMs !== undefined) this.#period.add(nowMs - this.#beforeMs);
    this.#beforeMs = nowMs;
  }

  /** Images are not expected for a while: what comes next has no period. */
  pause(): void {
    this.#beforeMs = undefined;
  }

  /** Ends a window and begins the next one. */
  take(): ImageFigures {
    const figures = { age: this.#age.figures(), period: this.#period.figures() };
    this.#age = new Window();
    this.#period = new Window();
    return figures;
  }
}

/** Welford's running mean and variance. */
class Window {
  #count = 0;
  #mean = 0;
  #squares = 0;
  #min = Number.POSITIVE_INFINITY;
  #max = Number.NEGATIVE_INFINITY;

  add(value: number): void {
    this.#count += 1;
    const difference = value - this.#mean;
    this.#mean += difference / this.#count;
    this.#squares += difference * (value - this.#mean);
    this.#min = Math.min(this.#min, value);
    this.#max = Math.max(this.#max, value);
  }

  figures(): Figures {
    const count = this.#count;
    if (count === 0) return { count, mean: Number.NaN, min: Number.NaN, max: Number.NaN, stddev: Number.NaN };
    return {
      ...{ count, mean: this.#mean, min: this.#min, max: this.#max },
      stddev: Math.sqrt(this.#squares / count),
    };
  }
}
