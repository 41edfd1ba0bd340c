import type { Tensors } from '../optimizers/tensors.js';

/** What a compiled step gives for one batch. */
export interface StepResult {
  readonly loss: number;
  readonly metrics: Readonly<Record<string, number>>;
  /** Gradients by parameter name, in storage order. */
  readonly gradients: Tensors;
  /** Batch statistics, to be blended into the running ones. */
  readonly updates: Tensors;
}

/** What an update of a method gives: also what its host states asked for. */
export interface UpdateResult extends StepResult {
  /** Name of the update. */
  readonly update: string;
  readonly host: Tensors;
}
