import type { PosedTriplet } from '../learning/adaptation-batches.js';

type Target = Pick<PosedTriplet, 'target' | 'next'>;

/** More are not learned from in one run, and would fill the disk. */
export const MOST_TAUGHT = 400;

/**
 * Which pictures a teacher looks at: so many that the time suffices, spread evenly over all targets. Whoever has more time
 * looks at the same ones and at more between them.
 * @param withNext whether it has to see the picture after each target too.
 * @param known which pictures need no look. @param looks for which there is time.
 * @returns the targets, in this order, and the pictures to be looked at, ascending.
 */
export function lookPlan<T extends Target>(
  targets: readonly T[],
  {
    withNext,
    known,
    looks,
  }: { readonly withNext: boolean; known(frame: number): boolean; readonly looks: number },
): { readonly targets: readonly T[]; readonly frames: readonly number[] } {
  const chosen: T[] = [];
  const frames = new Set<number>();
  for (const target of spread(targets).slice(0, MOST_TAUGHT)) {
    const needed = (withNext ? [target.target, target.next] : [target.target]).filter(
      (frame) => !known(frame) && !frames.has(frame),
    );
    if (frames.size + needed.length > looks) continue;
    for (const frame of needed) frames.add(frame);
    chosen.push(target);
  }
  return { targets: chosen, frames: [...frames].sort((a, b) => a - b) };
}

/**
 * In an order of which every beginning is spread evenly.
 * Source: van der Corput's sequence in base 2.
 */
function spread<T>(values: readonly T[]): T[] {
  const bits = Math.ceil(Math.log2(Math.max(2, values.length)));
  const order: T[] = [];
  for (let i = 0; i < 2 ** bits; i++) {
    let reversed = 0;
    for (let bit = 0; bit < bits; bit++) reversed |= ((i >> bit) & 1) << (bits - 1 - bit);
    const at = Math.floor((reversed * values.length) / 2 ** bits);
    // Where there are fewer values than places, some places share one.
    if (Math.floor(((reversed - 1) * values.length) / 2 ** bits) !== at || reversed === 0)
      order.push(values[at]);
  }
  return order;
}
