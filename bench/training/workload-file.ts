import { storedShape } from '../../training/weights/parameters.js';
import { encodeSafetensors, type StoredTensor } from '../../training/weights/safetensors.js';
import type { Workload } from './workload.js';

/** Weights (`p:NAME`, filters OIHW) and batch (`b:NAME`, images NCHW) as safetensors, all float32, for other programs. */
export function encodeWorkload({ parameters, batch }: Workload): Uint8Array {
  const tensors = new Map<string, StoredTensor>();
  const add = (name: string, shape: readonly number[], values: Iterable<number>) =>
    tensors.set(name, { dtype: 'F32', shape, bytes: new Uint8Array(Float32Array.from(values).buffer) });
  for (const [name, { spec, values }] of parameters) add(`p:${name}`, storedShape(spec.shape), values);
  for (const [name, { shape, layout, data }] of Object.entries(batch)) {
    const [n = 0, h = 0, w = 0, c = 0] = shape;
    add(`b:${name}`, layout === 'NCHW' ? [n, c, h, w] : shape, data);
  }
  return encodeSafetensors({ tensors, metadata: {} }).bytes;
}
