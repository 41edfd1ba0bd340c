import { sizeOf } from '../../onnx/tensor-data.js';
import type { TraceNode } from './trace.js';

/**
 * Cuts consecutive nodes into about `count` segments which make about as many elements each, where the fewest elements
 * pass from one to the next.
 * @returns every node's segment, ascending from 0.
 */
export function segmentsOf(nodes: readonly TraceNode[], count: number): number[] {
  const made = nodes.map(({ outputs }) => outputs.reduce((sum, { shape }) => sum + sizeOf(shape), 0));
  const crossing = crossingElements(nodes);
  const piece = made.reduce((sum, elements) => sum + elements, 0) / count;
  const segments: number[] = [];
  let [segment, since] = [0, 0];
  for (const [i, elements] of made.entries()) {
    segments.push(segment);
    since += elements;
    // From half a piece on any place is good that is better than those around it; at one and a half every place is.
    const best = since >= 0.5 * piece && isLeast(crossing, made, i, 1.5 * piece - since);
    if (best) [segment, since] = [segment + 1, 0];
  }
  return segments;
}

/** Whether no later place, within `reach` elements made, is crossed by less than that behind node `at`. */
function isLeast(crossing: readonly number[], made: readonly number[], at: number, reach: number): boolean {
  let within = 0;
  for (let i = at + 1; i < made.length; i++) {
    within += made[i] ?? 0;
    if (within > reach) break;
    if ((crossing[i] ?? 0) < (crossing[at] ?? 0)) return false;
  }
  return true;
}

/** For every node, the elements made by it and those before it that nodes behind it read. */
function crossingElements(nodes: readonly TraceNode[]): number[] {
  const lastRead = new Map<number, number>();
  for (const [i, { inputs }] of nodes.entries())
    for (const { id } of Object.values(inputs)) lastRead.set(id, i);
  let alive = 0;
  const ends = new Map<number, number>();
  return nodes.map(({ outputs }, i) => {
    for (const { id, shape } of outputs) {
      const end = lastRead.get(id) ?? i;
      if (end <= i) continue;
      alive += sizeOf(shape);
      ends.set(end, (ends.get(end) ?? 0) + sizeOf(shape));
    }
    alive -= ends.get(i) ?? 0;
    return alive;
  });
}
