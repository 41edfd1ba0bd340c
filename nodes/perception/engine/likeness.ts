import type { DepthSample } from './depth-sample.js';

/** How the depths of a new model compare with those of the one in use, on the same frames. */
export interface Likeness {
  readonly frames: number;
  /** Shares of the pixels that the new model gives a finite depth, and none at all (NaN). */
  readonly finite: number;
  readonly unknown: number;
  /** 90th over 10th percentile of the new model's finite depths: 1 where it sees one depth everywhere. */
  readonly spread: number;
  /** The finite share of the model in use; absent where it was not compared with. */
  readonly finiteBefore?: number;
  /** Median over the pixels that both see of new / old. */
  readonly ratio?: number;
  /** Median of |ln(new / old) - ln ratio|: how far the two disagree about the shape of the scene. */
  readonly deviation?: number;
}

/** What is still plausible; docs/measurements/hot-swap.md says what adapted, other and broken models measure. */
const LIMITS = {
  unknown: 0.01,
  finite: 0.02,
  spread: 1.05,
  finiteLoss: 0.5,
  ratio: 2,
  deviation: 0.4,
} as const;
/** Fewer pixels say nothing. */
const LEAST_PIXELS = 50;

/** @param pairs of the same frames; `before` is left out where the new model is looked at alone. */
export function likeness(
  pairs: readonly { readonly after: DepthSample; readonly before?: DepthSample }[],
): Likeness {
  const after = pairs.flatMap(({ after: { meters } }) => [...meters]);
  const finite = after.filter(Number.isFinite).sort((a, b) => a - b);
  const share = (values: readonly number[], of: readonly number[]) => values.length / Math.max(1, of.length);
  const alone = {
    frames: pairs.length,
    finite: share(finite, after),
    unknown: share(after.filter(Number.isNaN), after),
    spread: quantile(finite, 0.9) / quantile(finite, 0.1),
  };
  const before = pairs.flatMap((pair) => [...(pair.before?.meters ?? [])]);
  if (before.length === 0) return alone;
  const logs = pairs
    .flatMap((pair) =>
      [...(pair.before?.meters ?? [])].map((meters, i) => Math.log((pair.after.meters[i] ?? 0) / meters)),
    )
    .filter(Number.isFinite)
    .sort((a, b) => a - b);
  const finiteBefore = share(before.filter(Number.isFinite), before);
  if (logs.length < LEAST_PIXELS) return { ...alone, finiteBefore };
  const middle = quantile(logs, 0.5);
  const away = logs.map((log) => Math.abs(log - middle)).sort((a, b) => a - b);
  return { ...alone, finiteBefore, ratio: Math.exp(middle), deviation: quantile(away, 0.5) };
}

/**
 * Why a model must not take over; undefined when nothing speaks against it.
 * @param metric whether both models' depths are metres, so that their sizes can be compared.
 */
export function implausible(found: Likeness, metric: boolean): string | undefined {
  const { finite, unknown, spread, finiteBefore, ratio, deviation } = found;
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
  if (unknown > LIMITS.unknown) {
    return `${percent(unknown)} of its pixels have no depth (NaN), expected \`at most ${percent(LIMITS.unknown)}\``;
  }
  const least = Math.max(LIMITS.finite, LIMITS.finiteLoss * (finiteBefore ?? 0));
  if (finite < least) {
    const than = finiteBefore === undefined ? '' : `, the running model ${percent(finiteBefore)}`;
    return `only ${percent(finite)} of its pixels have a finite depth${than}, expected \`at least ${percent(least)}\``;
  }
  if (!(spread >= LIMITS.spread)) return 'it sees the same depth everywhere';
  if (ratio === undefined || deviation === undefined) return undefined;
  if (metric && !(ratio <= LIMITS.ratio && ratio >= 1 / LIMITS.ratio)) {
    return `its depths are ${ratio.toPrecision(3)} times those of the running model, expected \`${1 / LIMITS.ratio} to ${LIMITS.ratio}\``;
  }
  if (!(deviation <= LIMITS.deviation)) {
    return `it sees another scene than the running model: their depths differ by a factor of ${Math.exp(deviation).toFixed(2)} (median, beside the scale), expected \`at most ${Math.exp(LIMITS.deviation).toFixed(2)}\``;
  }
  return undefined;
}

/** What was found, for people. */
export function formatLikeness(found: Likeness | undefined): string {
  if (found === undefined) return 'no frame came to compare it on';
  const { frames, finite, finiteBefore, ratio, deviation } = found;
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
  const before = finiteBefore === undefined ? '' : ` (${percent(finiteBefore)} before)`;
  const likeness =
    ratio === undefined || deviation === undefined
      ? ''
      : `, depth x ${ratio.toFixed(3)}, apart from that off by a factor of ${Math.exp(deviation).toFixed(3)}`;
  return `on ${frames} frames ${percent(finite)} of the pixels finite${before}${likeness}`;
}

/** The value below which `share` (0 to 1) of `values` lies. `values` must be sorted ascending; returns NaN if empty. */
function quantile(values: readonly number[], share: number): number {
  return values[Math.min(values.length - 1, Math.floor(share * values.length))] ?? Number.NaN;
}
