/** What a compiled step gives for one batch. */
export interface StepResult {
  readonly loss: number;
  readonly metrics: Readonly<Record<string, number>>;
  /** By parameter name, in storage order. */
  readonly gradients: Readonly<Record<string, Float32Array>>;
  /** Batch statistics, to be blended into the running ones. */
  readonly updates: Readonly<Record<string, Float32Array>>;
}
