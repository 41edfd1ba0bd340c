import { type OutputChange, totalChange } from './output-change.js';

export interface FloatChoice {
  readonly float: readonly string[];
  readonly change: OutputChange;
}

export interface SensitivitySearch {
  /** Ids of the convolutions. */
  readonly convolutions: readonly string[];
  /** Change of the outputs when these stay in float. */
  measure(float: ReadonlySet<string>): Promise<OutputChange>;
  /** The total change to come below. */
  readonly goal: number;
  /** Largest number of layers that stay in float. */
  readonly most: number;
  report(done: number, of: number): void;
}

/**
 * Chooses the convolutions that stay in float: each is tried alone, then the most rewarding together, ever more of them,
 * until the goal is met. Where it cannot be met, the best of what was tried is returned.
 */
export async function chooseFloatLayers(search: SensitivitySearch): Promise<FloatChoice> {
  const { convolutions, measure, goal, most, report } = search;
  const none: FloatChoice = { float: [], change: await measure(new Set()) };
  if (totalChange(none.change) <= goal || most === 0) return none;
  const single: { id: string; change: number }[] = [];
  for (const [i, id] of convolutions.entries()) {
    report(i, convolutions.length);
    single.push({ id, change: totalChange(await measure(new Set([id]))) });
  }
  report(convolutions.length, convolutions.length);
  const order = single.toSorted((a, b) => a.change - b.change).map(({ id }) => id);
  let best = none;
  for (let count = 1; count <= Math.min(most, order.length); count = count < 4 ? count + 1 : count + 2) {
    const float = order.slice(0, count);
    const change = await measure(new Set(float));
    if (totalChange(change) < totalChange(best.change)) best = { float, change };
    if (totalChange(change) <= goal) return { float, change };
  }
  return best;
}
