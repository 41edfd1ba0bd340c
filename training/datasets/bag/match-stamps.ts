/** A value at a time. */
export interface Stamped<T> {
  readonly stampNs: bigint;
  readonly value: T;
}

export interface StampMatch<A, B> {
  readonly stampNs: bigint;
  readonly value: A;
  /** Undefined where nothing lies within the tolerance. */
  readonly match: B | undefined;
}

/** Right values kept at hand, and how many later ones are read in search of one that came out of order. */
const WINDOW = 16;
const LOOK_AHEAD = 4;

/**
 * Finds for every left value the right value with the nearest stamp, at most `toleranceNs` away (0 = equal stamps).
 *
 * Both sides are streams in about stamp order, read side by side with at most 16 right values held. So bags of any length
 * fit. Neighbours may be out of order. A right value may match several left ones.
 */
export async function* matchStamps<A, B>(
  left: AsyncIterable<Stamped<A>>,
  right: AsyncIterable<Stamped<B>>,
  toleranceNs: bigint,
): AsyncGenerator<StampMatch<A, B>> {
  const source = right[Symbol.asyncIterator]();
  const held: Stamped<B>[] = [];
  let exhausted = false;
  try {
    for await (const { stampNs, value } of left) {
      const settled = (): boolean =>
        held.some((candidate) => candidate.stampNs === stampNs) ||
        held.filter((candidate) => candidate.stampNs > stampNs + toleranceNs).length >= LOOK_AHEAD;
      while (!exhausted && !settled()) {
        const next = await source.next();
        if (next.done) {
          exhausted = true;
          break;
        }
        held.push(next.value);
        if (held.length > WINDOW) held.shift();
      }
      yield { stampNs, value, match: nearest(held, stampNs, toleranceNs) };
    }
  } finally {
    await source.return?.();
  }
}

function nearest<B>(held: readonly Stamped<B>[], stampNs: bigint, toleranceNs: bigint): B | undefined {
  let best: Stamped<B> | undefined;
  let bestNs = toleranceNs;
  for (const candidate of held) {
    const offset = candidate.stampNs - stampNs;
    const distanceNs = offset < 0n ? -offset : offset;
    if (distanceNs > bestNs || (best !== undefined && distanceNs === bestNs)) continue;
    best = candidate;
    bestNs = distanceNs;
  }
  return best?.value;
}
