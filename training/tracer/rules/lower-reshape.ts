import { identityOrder, type Order, physicalShape } from '../lower/layout.js';
import type { Lowered } from '../lower/lowered.js';
import type { Lowering } from '../lower/lowering.js';
import type { Value } from '../trace/trace.js';

/**
 * Gives `x` another shape. Adding and removing axes of extent 1 moves nothing. Splitting and merging axes that lie together
 * in memory keeps the physical order. Anything else makes the value row major first.
 */
export function lowerReshape(graph: Lowering, x: Value, shape: readonly number[]): Lowered {
  const longAxes = (extents: readonly number[]): number[] =>
    extents.flatMap((extent, axis) => (extent === 1 ? [] : [axis]));
  const from = longAxes(x.shape);
  const to = longAxes(shape);
  if (from.map((axis) => x.shape[axis]).join() === to.map((axis) => shape[axis]).join()) {
    return reshapeOnes(graph, x, shape, new Map(from.map((axis, i) => [axis, to[i]])));
  }
  const groups = groupAxes(x.shape, shape);
  const order = graph.order(x);
  const kept = groups === undefined ? undefined : orderAfter(groups, order, x.shape);
  const source = kept === undefined ? identityOrder(x.shape.length) : order;
  const target = kept ?? identityOrder(shape.length);
  const name = graph.read(x, source);
  const extents = shapeTemplate(physicalShape(x.shape, source), physicalShape(shape, target));
  return {
    name: graph.builder.op('Reshape', [name, graph.int64(extents)]),
    order: withOnes(target, shape),
    compact: undefined,
  };
}

/** Only axes of extent 1 come and go; `mapping` takes the others from old to new axes. */
function reshapeOnes(
  graph: Lowering,
  x: Value,
  shape: readonly number[],
  mapping: ReadonlyMap<number, number>,
): Lowered {
  const lowered = graph.lowered(x);
  const present = lowered.compact ?? x.shape;
  const kept = lowered.order.filter((axis) => x.shape[axis] !== 1);
  const order = withOnes(
    kept.map((axis) => mapping.get(axis) ?? 0),
    shape,
  );
  const compact = [...shape];
  for (const [old, axis] of mapping) compact[axis] = present[old];
  const gone = lowered.order.flatMap((axis, i) => (x.shape[axis] === 1 ? [i] : []));
  const added = order.flatMap((axis, i) => (shape[axis] === 1 ? [i] : []));
  if (gone.join() === added.join()) return { name: lowered.name, order, compact };
  const g = graph.builder;
  const squeezed = gone.length === 0 ? lowered.name : g.op('Squeeze', [lowered.name, graph.int64(gone)]);
  const name = added.length === 0 ? squeezed : g.op('Unsqueeze', [squeezed, graph.int64(added)]);
  return { name, order, compact };
}

/** Inserts the axes of extent 1 that `order` lacks, each behind the axis before it. */
function withOnes(order: Order, shape: readonly number[]): Order {
  const full = [...order];
  for (let axis = 0; axis < shape.length; axis++) {
    if (full.includes(axis)) continue;
    full.splice(axis === 0 ? 0 : full.indexOf(axis - 1) + 1, 0, axis);
  }
  return full;
}

interface AxisGroup {
  readonly from: readonly number[];
  readonly to: readonly number[];
}

/** The finest partition of both shapes' axes (but those of extent 1) into runs of equal products. */
function groupAxes(a: readonly number[], b: readonly number[]): AxisGroup[] | undefined {
  const groups: AxisGroup[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    const from: number[] = [];
    const to: number[] = [];
    let left = 1;
    let right = 1;
    do {
      if (i < a.length && (left <= right || j >= b.length)) {
        left *= a[i];
        from.push(i++);
      } else if (j < b.length) {
        right *= b[j];
        to.push(j++);
      } else {
        return undefined; // extents of 0
      }
    } while (left !== right || left === 1);
    groups.push({ from, to });
    // Ones at the end belong to the last group.
    if (a.slice(i).every((extent) => extent === 1) && b.slice(j).every((extent) => extent === 1)) {
      groups.pop();
      groups.push({
        from: [...from, ...a.slice(i).map((_, k) => i + k)],
        to: [...to, ...b.slice(j).map((_, k) => j + k)],
      });
      break;
    }
  }
  return groups;
}

/** The new physical order, if every group of axes lies together and in order in memory. */
function orderAfter(groups: readonly AxisGroup[], order: Order, shape: readonly number[]): Order | undefined {
  const long = order.filter((axis) => shape[axis] !== 1);
  const result: number[] = [];
  let position = 0;
  while (position < long.length) {
    const group = groups.find(({ from }) => from.includes(long[position]));
    if (group === undefined) return undefined;
    const axes = group.from.filter((axis) => shape[axis] !== 1);
    if (!axes.every((axis, k) => long[position + k] === axis)) return undefined;
    result.push(...group.to);
    position += axes.length;
  }
  return result;
}

/**
 * The shape operand of Reshape from extents `from` to `to` that says least about sizes. It is 0 (copied) where the extent
 * stays, -1 (computed) for the largest of the others. Graphs traced at one image size then often hold for all.
 */
function shapeTemplate(from: readonly number[], to: readonly number[]): number[] {
  if (to.includes(0)) return [...to];
  const template = to.map((extent, i) => (i < from.length && from[i] === extent ? 0 : extent));
  let largest = -1;
  for (const [i, extent] of template.entries()) {
    if (extent > 0 && (largest < 0 || extent > template[largest])) largest = i;
  }
  if (largest >= 0) template[largest] = -1;
  return template;
}
