import { decodeSafetensors } from '../../training/weights/safetensors.js';
import { median } from '../../vision/median.js';

export interface GradientDifference {
  /** Parameters that both have. */
  readonly parameters: number;
  /** |a - b| / |b| (Euclidean) over all parameters together. */
  readonly overall: number;
  /** The same of each parameter: the median one and the worst. */
  readonly median: number;
  readonly worst: number;
}

/** Compares gradients of the same loss, safetensors files, made by two programs. */
export function gradientDifference(a: Uint8Array, b: Uint8Array): GradientDifference {
  const theirs = decodeSafetensors(b, 'gradients').tensors;
  const each: number[] = [];
  let [difference, size] = [0, 0];
  for (const [name, tensor] of decodeSafetensors(a, 'gradients').tensors) {
    const other = theirs.get(name);
    if (other === undefined) continue;
    const [mine, expected] = [tensor, other].map(({ bytes }) => new Float32Array(bytes.slice().buffer));
    let [squares, norm] = [0, 0];
    for (let i = 0; i < (mine?.length ?? 0); i++) {
      squares += ((mine?.[i] ?? 0) - (expected?.[i] ?? Number.NaN)) ** 2;
      norm += (expected?.[i] ?? 0) ** 2;
    }
    each.push(Math.sqrt(squares / norm));
    difference += squares;
    size += norm;
  }
  return {
    parameters: each.length,
    overall: Math.sqrt(difference / size),
    median: median(each),
    worst: Math.max(...each),
  };
}
