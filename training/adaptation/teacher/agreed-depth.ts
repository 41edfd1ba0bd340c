/** Depths of one pixel that differ by more than this factor are no agreement. */
const MOST_RATIO = 1.25;

/**
 * What several depth maps of one picture say together. It is their geometric mean where they agree, NaN where they do not or
 * one of them says nothing. It is infinite where all are.
 * @param maps at least one, of the same size and scale.
 */
export function agreedDepth(maps: readonly Float32Array[]): Float32Array {
  const [first, ...others] = maps;
  if (first === undefined) throw new RangeError('expected at least one map of depth');
  return first.map((z, i) => {
    let [least, most, logs] = [z, z, Math.log(z)];
    for (const other of others) {
      least = Math.min(least, other[i]);
      most = Math.max(most, other[i]);
      logs += Math.log(other[i]);
    }
    if (!(least > 0)) return Number.NaN;
    if (least === Number.POSITIVE_INFINITY) return least;
    return most <= MOST_RATIO * least ? Math.exp(logs / maps.length) : Number.NaN;
  });
}
