import type { Order } from '../lower/layout.js';
import type { Lowering } from '../lower/lowering.js';

/** Stand for "to the end" and, with negative steps, "to before the start". */
const TO_END = Number.MAX_SAFE_INTEGER;
const TO_START = Number.MIN_SAFE_INTEGER;

/** One axis of a slice: elements begin, begin + step, ... before (or, for negative steps, after) end. */
export interface AxisSlice {
  readonly axis: number;
  readonly begin: number;
  readonly end: number;
  readonly step: number;
}

/**
 * Slices an ONNX value along logical axes. Positions nearer to the end of an axis are counted from there. So the slice that
 * cuts a border is the same for every image size.
 */
export function emitSlice(
  graph: Lowering,
  name: string,
  shape: readonly number[],
  order: Order,
  slices: readonly AxisSlice[],
): string {
  const cut = slices.filter(({ axis, begin, end, step }) => step !== 1 || begin !== 0 || end !== shape[axis]);
  if (cut.length === 0) return name;
  const relative = (position: number, extent: number): number =>
    position > extent / 2 ? position - extent : position;
  const begins = cut.map(({ axis, begin }) => relative(begin, shape[axis]));
  const ends = cut.map(({ axis, end, step }) => {
    if (step < 0 && end < 0) return TO_START;
    return end >= shape[axis] ? TO_END : relative(end, shape[axis]);
  });
  return graph.builder.op('Slice', [
    name,
    graph.int64(begins),
    graph.int64(ends),
    graph.int64(cut.map(({ axis }) => order.indexOf(axis))),
    ...(cut.every(({ step }) => step === 1) ? [] : [graph.int64(cut.map(({ step }) => step))]),
  ]);
}
