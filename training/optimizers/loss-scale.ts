/** Steps without overflow after which the scale is doubled. Source: Micikevicius et al. 2018; PyTorch's default. */
const PATIENCE = 2000;
const LARGEST = 2 ** 24;

/**
 * The factor on the loss under which gradients neither vanish nor overflow in half precision. It is halved after every
 * overflow, down to 1, and doubled after 2000 steps without one, up to 2^24.
 * Source: Micikevicius et al. 2018, section 3.2 (dynamic loss scaling); PyTorch's GradScaler has the same 2000.
 */
export class LossScale {
  /** [1] the factor, above 0, to be fed to the graph. It changes in place. */
  readonly value: Float32Array;
  #quiet = 0;

  /** @param start the first factor, above 0; default 2^15 */
  constructor(start = 2 ** 15) {
    this.value = Float32Array.of(start);
  }

  /** Adapts the factor to a step. @param finite whether all gradients of the step were finite */
  observe(finite: boolean): void {
    const scale = this.value[0] ?? 1;
    this.#quiet = finite ? this.#quiet + 1 : 0;
    if (!finite) this.value[0] = Math.max(1, scale / 2);
    else if (this.#quiet % PATIENCE === 0) this.value[0] = Math.min(LARGEST, scale * 2);
  }
}
