import type * as tf from '@tensorflow/tfjs';
import { TrainingError } from '../errors.js';

/** How a parameter's starting values are drawn. Fans are computed from the shape. */
export type Initializer =
  | { readonly kind: 'constant'; readonly value: number }
  /** He et al. 2015, fan-out, normal: what ResNet's convolutions start from. */
  | { readonly kind: 'heNormal' }
  /** Glorot and Bengio 2010, eq. 16, normal: deviation sqrt(2 / (fan in + fan out)) of a filter. */
  | { readonly kind: 'xavierNormal' }
  /** Around zero. */
  | { readonly kind: 'normal'; readonly deviation: number }
  /** Uniform in +-1 / sqrt(fan in): for decoder convolutions and their biases. */
  | { readonly kind: 'fanInUniform'; readonly fanIn: number };

/** A parameter as a network declares it. */
export interface ParameterSpec {
  /** Dotted path, as PyTorch's state_dict would name it: `encoder.layer1.0.conv1.weight`. */
  readonly name: string;
  /** Logical TensorFlow.js shape; filters are [height, width, in, out]. */
  readonly shape: readonly number[];
  readonly initializer: Initializer;
  /** Running statistics are not trainable: the host writes them. */
  readonly trainable: boolean;
  /** The host replaces the value by a step's update, instead of blending that in as it does with statistics. */
  readonly replaced?: boolean;
  /** Share of a batch's value in a running statistic, where it is not the run's. */
  readonly momentum?: number;
}

type Resolve = (spec: ParameterSpec) => tf.Tensor;

/**
 * Where a network's layers get their parameters from. The same layer code runs with values that were just initialised, with
 * variables, and with the symbols of a trace. It asks its scope by name.
 */
export class Scope {
  readonly #resolve: Resolve;
  readonly #path: string;
  readonly #updates: Map<string, tf.Tensor>;
  readonly #frozen: readonly string[];
  /** Whether batch statistics are used (and running ones updated). */
  readonly training: boolean;

  constructor(
    resolve: Resolve,
    training: boolean,
    path = '',
    updates = new Map<string, tf.Tensor>(),
    frozen: readonly string[] = [],
  ) {
    this.#resolve = resolve;
    this.#frozen = frozen;
    this.#path = path;
    this.#updates = updates;
    this.training = training;
  }

  /**
   * A scope that reads from `parameters`.
   * @param frozen networks (children of this scope) that keep their running statistics also in training.
   * @throws TrainingError naming a parameter that is missing or of another shape.
   */
  static over(
    parameters: Readonly<Record<string, tf.Tensor>>,
    training: boolean,
    frozen: readonly string[] = [],
  ): Scope {
    const resolve: Resolve = (spec) => {
      const value = parameters[spec.name];
      if (value === undefined)
        throw new TrainingError(`The parameter \`${spec.name}\` is missing from the weights.`);
      if (value.shape.join() !== spec.shape.join()) {
        throw new TrainingError(
          `The parameter \`${spec.name}\` has shape [${value.shape}], the network needs [${spec.shape}].`,
        );
      }
      return value;
    };
    return new Scope(resolve, training, '', undefined, frozen);
  }

  child(name: string | number): Scope {
    const training = this.training && !(this.#path === '' && this.#frozen.includes(String(name)));
    return new Scope(this.#resolve, training, this.#name(String(name)), this.#updates);
  }

  /** The same place, where batch normalisation keeps its running statistics, also in training. */
  withFixedStatistics(): Scope {
    return new Scope(this.#resolve, false, this.#path, this.#updates, this.#frozen);
  }

  parameter<R extends tf.Rank>(
    name: string,
    shape: readonly number[],
    initializer: Initializer,
    trainable = true,
  ): tf.Tensor<R> {
    // The resolver checked the shape, which fixes the rank.
    return this.#resolve({ name: this.#name(name), shape, initializer, trainable }) as tf.Tensor<R>;
  }

  /** A running statistic of each channel. @param momentum share of the batch's; the run's where left out. */
  statistic(name: string, shape: readonly number[], start: number, momentum?: number): tf.Tensor1D {
    const initializer = { kind: 'constant', value: start } as const;
    const spec = { name: this.#name(name), shape, initializer, trainable: false };
    return this.#resolve(momentum === undefined ? spec : { ...spec, momentum }) as tf.Tensor1D; // as `parameter`
  }

  /** What is no parameter and no statistic but goes from step to step: what `update` is given replaces it. */
  state<R extends tf.Rank>(name: string, shape: readonly number[], initializer: Initializer): tf.Tensor<R> {
    const spec = { name: this.#name(name), shape, initializer, trainable: false, replaced: true };
    return this.#resolve(spec) as tf.Tensor<R>; // the resolver checked the shape, which fixes the rank
  }

  /** Records the batch's value of a running statistic, which the host blends into the stored one, or of a state. */
  update(name: string, value: tf.Tensor): void {
    this.#updates.set(this.#name(name), value);
  }

  /** Statistics of this batch by parameter name, after the network ran in training mode. */
  updates(): Record<string, tf.Tensor> {
    return Object.fromEntries(this.#updates);
  }

  #name(name: string): string {
    return this.#path === '' ? name : `${this.#path}.${name}`;
  }
}
