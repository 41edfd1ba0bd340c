import * as tf from '@tensorflow/tfjs';
import { Scope } from '../../../training/networks/scope.js';
import { floats, noise, type Samples } from '../tracer/parity.js';
import { inventingScope } from './eager-scope.js';

type Shape = readonly [number, number, number, number];
export type Network = (scope: Scope, x: tf.Tensor4D) => tf.Tensor;

/** A network as a function of its input `x` and its trainable parameters, and samples of them. */
export interface NetworkCase {
  readonly samples: Samples;
  readonly fn: (inputs: Record<string, tf.Tensor>) => tf.Tensor;
}

/** Parameters are drawn as for a fresh training; statistics and states stay what they are. */
export function networkCase(network: Network, shape: Shape, training: boolean): NetworkCase {
  const { scope, specs, values } = inventingScope(training);
  const x = floats(shape);
  network(scope, tf.tensor<tf.Rank.R4>(x.data, [...shape]));
  const samples: Record<string, Samples[string]> = { x };
  const fixed: Record<string, Samples[string]> = {};
  for (const [name, value] of values) {
    const sample = {
      shape: value.shape,
      dtype: 'float32' as const,
      data: Float32Array.from(value.dataSync()),
    };
    (specs.get(name)?.trainable ? samples : fixed)[name] = sample;
    value.dispose();
  }
  return {
    samples,
    fn: ({ x: input, ...parameters }) => {
      const rest = Object.entries(fixed).map(([name, { data, shape: extents }]) => [
        name,
        tf.tensor(data, [...extents]),
      ]);
      return network(
        Scope.over({ ...Object.fromEntries(rest), ...parameters }, training),
        input as tf.Tensor4D,
      );
    },
  };
}

/**
 * Worst difference between slopes that the gradients of a weighted sum of the output predict and central differences,
 * relative to the gradient (at least 1 % of the largest one): for the input and each parameter, along the gradient and a
 * random direction together.
 * @param groupOf parameters of one group are moved together: fewer evaluations of large networks.
 */
export function slopeError(
  { fn, samples }: NetworkCase,
  delta = 2e-4,
  groupOf: (name: string) => string = (name) => name,
): number {
  return tf.tidy(() => {
    const names = Object.keys(samples);
    const given = names.map((name) => tf.tensor(samples[name].data, [...samples[name].shape]));
    const loss = (...tensors: tf.Tensor[]): tf.Scalar => {
      const y = fn(Object.fromEntries(names.map((name, i) => [name, tensors[i]])));
      const weights = Float32Array.from({ length: y.size }, (_, i) => Math.sin(1.7 * i) + 0.2);
      return y.mul(tf.tensor(weights, y.shape)).sum();
    };
    const gradients = tf.grads(loss)(given);
    const groups = new Map<string, number[]>();
    for (const [i, name] of names.entries()) {
      const group = groupOf(name);
      groups.set(group, [...(groups.get(group) ?? []), i]);
    }
    const ofGroup = [...groups.values()].map((members) => ({
      members,
      g: members.map((i) => Float64Array.from(gradients[i].dataSync())),
    }));
    const sizeOf = (parts: readonly Float64Array[]) =>
      Math.sqrt(
        parts.reduce((sum, part) => sum + part.reduce((inner, value) => inner + value * value, 0), 0),
      );
    // Some gradients are zero but for rounding, such as those of a bias before a normalisation.
    const least = 1e-2 * Math.max(...ofGroup.map(({ g }) => sizeOf(g)));
    let worst = 0;
    for (const { members, g } of ofGroup) {
      const size = sizeOf(g);
      const random = g.map((part) => part.map(() => noise()));
      const length = sizeOf(random);
      const direction = g.map((part, j) =>
        part.map((value, k) => (size > 0 ? value / size : 0) + random[j][k] / length),
      );
      const at = (distance: number): number =>
        tf.tidy(() => {
          const moved = [...given];
          for (const [j, i] of members.entries()) {
            const { data, shape } = samples[names[i]];
            const values = Float32Array.from(data, (v, k) => Number(v) + distance * direction[j][k]);
            moved[i] = tf.tensor(values, [...shape]);
          }
          return loss(...moved).dataSync()[0];
        });
      let expected = 0;
      for (const [j, part] of g.entries())
        for (const [k, value] of part.entries()) expected += value * direction[j][k];
      const slope = (at(delta) - at(-delta)) / (2 * delta);
      worst = Math.max(worst, Math.abs(slope - expected) / Math.max(size, least));
    }
    return worst;
  });
}

/**
 * The same network where every rectifier lets everything through: norms scale by little and lift by much. Finite differences
 * of a deep network say nothing across kinks; the derivative of a rectifier is tested with the blocks.
 * @param last norms before a shortcut is added, which lift by little: the sum stays about 1.
 */
export function liftedCase({ fn, samples }: NetworkCase, last: RegExp): NetworkCase {
  const lifted = Object.entries(samples).map(([name, sample]) => {
    if (name === 'x' || sample.shape.length > 1) return [name, sample] as const;
    const value = (k: number) => {
      const small = 0.03 * Math.sin(1.3 * k + name.length);
      if (name.endsWith('weight')) return 0.05 + small;
      return (last.test(name) ? 0.05 : 1) + small;
    };
    return [name, { ...sample, data: Float32Array.from(sample.data, (_, k) => value(k)) }] as const;
  });
  return { fn, samples: Object.fromEntries(lifted) };
}

/** Shape by name of what a network asks for, and how many numbers of it are trained. */
export function parametersOf(
  network: Network,
  shape: Shape,
): {
  readonly shapes: Readonly<Record<string, readonly number[]>>;
  readonly trainable: number;
} {
  const shapes: Record<string, readonly number[]> = {};
  let trainable = 0;
  const scope = new Scope((spec) => {
    if (!(spec.name in shapes) && spec.trainable) trainable += tf.util.sizeFromShape([...spec.shape]);
    shapes[spec.name] = spec.shape;
    return tf.zeros([...spec.shape]);
  }, false);
  tf.tidy(() => network(scope, tf.zeros<tf.Rank.R4>([...shape])));
  return { shapes, trainable };
}
