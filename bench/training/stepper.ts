/** Gradients and the optimizer of one contestant. */
export interface Stepper {
  /** Computes loss and gradients for the weights as they are; gives the loss. */
  compute(): Promise<number>;
  /** The gradients computed last, in storage order (filters OIHW). */
  gradients(): Readonly<Record<string, Float32Array>>;
  /** One step of Adam with the gradients computed last. */
  update(): void;
  close(): Promise<void>;
}
