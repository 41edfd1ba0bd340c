import type { TraceInput } from '../tracer/compile.js';
import type { Parameters } from './parameters.js';

/** The weights as inputs of a traced function: logical shapes, filters stored as OIHW. */
export function parameterInputs(parameters: Parameters): Record<string, TraceInput> {
  return Object.fromEntries(
    [...parameters].map(([name, { spec }]) => [
      name,
      {
        shape: [...spec.shape],
        dtype: 'float32',
        layout: spec.shape.length === 4 ? 'OIHW' : 'logical',
      } as const,
    ]),
  );
}

/** The weights' values, shared, not copied. */
export function parameterValues(parameters: Parameters): Record<string, Float32Array> {
  return Object.fromEntries([...parameters].map(([name, { values }]) => [name, values]));
}
