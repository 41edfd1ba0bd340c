import * as tf from '@tensorflow/tfjs';
import { type ParameterSpec, Scope } from '../../../training/networks/scope.js';
import { initialParameters } from '../../../training/weights/parameters.js';

/** A scope that makes up its parameters as they are asked for, and what was asked for. */
export function inventingScope(training: boolean): {
  scope: Scope;
  specs: Map<string, ParameterSpec>;
  values: Map<string, tf.Tensor>;
} {
  const specs = new Map<string, ParameterSpec>();
  const values = new Map<string, tf.Tensor>();
  const scope = new Scope((spec) => {
    const known = values.get(spec.name);
    if (known !== undefined) return known;
    const drawn = initialParameters([spec], 1).get(spec.name)?.values ?? new Float32Array();
    const value = tf.keep(tf.tensor(drawn, [...spec.shape]));
    specs.set(spec.name, spec);
    values.set(spec.name, value);
    return value;
  }, training);
  return { scope, specs, values };
}
