/** Bounds by which a run tells that its training is no longer sound. */
export interface HealthOptions {
  /**
   * Updates whose loss is a discriminator's, by name, and the loss of one that can tell nothing apart. It is 2 log 2 for the
   * binary cross-entropies of a real and a generated sample.
   */
  readonly discriminators?: Readonly<Record<string, number>>;
  /** Metrics that measure how varied the outputs are: a training in which one of them vanishes has collapsed. */
  readonly varieties?: readonly string[];
}
