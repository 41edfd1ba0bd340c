import { type PageState, type StatusPoint, type Store, useStore } from '../store.js';
import { Plot, type Series } from './plot.js';

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

/** Rates, latency, what was lost, scale and Lambda, as the status tells them. */
export function Plots({ store, theme }: { readonly store: Store<PageState>; readonly theme: string }) {
  const points = useStore(store, ({ statuses }) => statuses);
  if (points.length === 0)
    return <p class="waiting">Waiting for the first status, one a second of the recording</p>;
  return (
    <div class="plots">
      <Plot title="Rate" unit="Hz" points={points} series={RATES} theme={theme} />
      <Plot title="Latency" unit="ms" points={points} series={LATENCY} theme={theme} />
      <Plot title="Lost" unit="frames" points={points} series={LOST} theme={theme} />
      <Plot title="Metric scale" unit="" points={points} series={SCALE} theme={theme} />
      <Plot title="Dynamic classes agree" unit="" points={points} series={LAMBDA} theme={theme} />
    </div>
  );
}
