import { type PageState, type StatusPoint, type Store, secondsOf, useStore } from '../store.js';
import { Plot, type PlotSpan, type Series } from './plot.js';

const RATES: readonly Series[] = [
  { label: 'in', of: ({ status }) => status.inputHz, dash: [6, 4] },
  { label: 'out', of: ({ status }) => status.outputHz },
];
const LATENCY: readonly Series[] = [
  { label: 'median', of: ({ status }) => status.p50Ms },
  { label: '95 %', of: ({ status }) => status.p95Ms, dash: [6, 4] },
];
const LOST: readonly Series[] = [
  { label: 'dropped', of: ({ status }) => status.dropped },
  { label: 'failed', of: ({ status }) => status.failed, dash: [6, 4] },
];
const SCALE: readonly Series[] = [{ label: 'factor', of: ({ status }: StatusPoint) => status.scale }];
const LAMBDA: readonly Series[] = [{ label: 'Λ', of: ({ status }: StatusPoint) => status.lambda }];

/** A recording up to this long is drawn whole, a longer one as far as its statuses are kept, seconds. */
const LONGEST_S = 600;
const SHORTEST_S = 10;

/** Rates, latency, what was lost, scale and Lambda, as the status tells them. */
export function Plots(props: {
  readonly store: Store<PageState>;
  readonly theme: string;
  readonly isLarge: boolean;
}) {
  const { store, theme, isLarge } = props;
  const points = useStore(store, ({ statuses }) => statuses);
  const range = useStore(store, ({ hello }) => hello?.range);
  if (points.length === 0) return <p class="waiting">Waiting for the first status, one a second</p>;
  const common = { points, theme, isLarge, span: spanOf(points, range) };
  return (
    <div class="plots">
      <Plot {...common} title="Rate" unit="Hz" series={RATES} range={[0, null]} />
      <Plot {...common} title="Latency" unit="ms" series={LATENCY} range={[0, null]} />
      <Plot {...common} title="Lost" unit="frames" series={LOST} range={[0, null]} />
      <Plot {...common} title="Metric scale" unit="" series={SCALE} range={[null, null]} />
      <Plot {...common} title="Dynamic classes agree" unit="" series={LAMBDA} range={[0, 1]} />
    </div>
  );
}

/** A recording's own time, as the timeline has it; of a live node, the time before now. */
function spanOf(
  points: readonly StatusPoint[],
  range: { readonly startNs: string; readonly endNs: string } | undefined,
): PlotSpan {
  const [first, last] = [points[0]?.timeS ?? 0, points.at(-1)?.timeS ?? 0];
  if (range === undefined) return { fromS: Math.min(first, last - SHORTEST_S), zeroS: last, toS: last };
  const [startS, endS] = [secondsOf(range.startNs), secondsOf(range.endNs)];
  if (endS - startS <= LONGEST_S) return { fromS: startS, zeroS: startS, toS: Math.max(endS, startS + 1) };
  return { fromS: first, zeroS: startS, toS: Math.max(last, first + SHORTEST_S) };
}
