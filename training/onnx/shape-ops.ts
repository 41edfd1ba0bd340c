import type { GraphBuilder } from './graph-builder.js';

/** An int64 scalar constant. */
export function scalar(g: GraphBuilder, value: number): string {
  return g.constant([value], 'int64', []);
}

/** An int64 vector constant. */
export function vector(g: GraphBuilder, values: readonly number[]): string {
  return g.constant(values, 'int64', [values.length]);
}

/** A scalar as a vector of one. */
export function unsqueeze(g: GraphBuilder, value: string): string {
  return g.op('Unsqueeze', [value, vector(g, [0])]);
}

/** An int64 vector of int64 scalars. */
export function join(g: GraphBuilder, scalars: readonly string[]): string {
  return g.op(
    'Concat',
    scalars.map((value) => unsqueeze(g, value)),
    { axis: 0 },
  );
}

/** A float32 scalar constant. */
export function scalarFloat(g: GraphBuilder, value: number): string {
  return g.constant([value], 'float32', []);
}

/** One element of a vector, as a scalar. */
export function element(g: GraphBuilder, vectorValue: string, index: number): string {
  return g.op('Gather', [vectorValue, scalar(g, index)]);
}
