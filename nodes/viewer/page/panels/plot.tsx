import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import type { StatusPoint } from '../store.js';

export interface Series {
  readonly label: string;
  readonly of: (point: StatusPoint) => number | null;
  /** Lines are told apart by their pattern as well as by their colour. */
  readonly dash?: number[];
}

/** Seconds of `StatusPoint.timeS` that the horizontal axis begins with, counts from, and ends with. */
export interface PlotSpan {
  readonly fromS: number;
  readonly zeroS: number;
  readonly toS: number;
}

export interface PlotProps {
  readonly title: string;
  readonly unit: string;
  readonly points: readonly StatusPoint[];
  readonly series: readonly Series[];
  readonly span: PlotSpan;
  /** Of the vertical axis; null: as large as what is drawn. */
  readonly range: readonly [low: number | null, high: number | null];
  readonly isLarge: boolean;
  readonly theme: string;
}

/** Blue and orange: no pair that somebody cannot tell apart. */
const COLORS = ['--line-1', '--line-2', '--line-3'];
const HEIGHT = 92;
const LARGE_HEIGHT = 200;
/** Beyond the largest value, share of the range. */
const ROOM = 0.12;

/** Some figures of the status over the recorded time. */
export function Plot({ title, unit, points, series, span, range, isLarge, theme }: PlotProps) {
  const height = isLarge ? LARGE_HEIGHT : HEIGHT;
  const placeRef = useRef<HTMLDivElement>(null);
  const plotRef = useRef<uPlot | undefined>(undefined);
  const dataRef = useRef<uPlot.AlignedData>([[]]);
  const { fromS, zeroS, toS } = span;
  dataRef.current = [points.map(({ timeS }) => timeS - zeroS), ...series.map(({ of }) => points.map(of))];
  const spanRef = useRef<[number, number]>([0, 1]);
  spanRef.current = [fromS - zeroS, toS - zeroS];

  useEffect(() => {
    const place = placeRef.current;
    if (!place) return undefined;
    const style = getComputedStyle(place);
    const color = (name: string) => style.getPropertyValue(name).trim();
    const axis = {
      stroke: color('--dim'),
      grid: { stroke: color('--edge'), width: 1 },
      ticks: { show: false },
      font: '11px system-ui',
    };
    const plot = new uPlot(
      {
        width: Math.max(120, place.clientWidth),
        height,
        cursor: { drag: { x: false, y: false } },
        legend: { show: false },
        scales: {
          x: { time: false, range: () => spanRef.current },
          y: { range: (_, low, high) => limits(low, high, range) },
        },
        axes: [
          { ...axis, size: 20, values: (_, values) => values.map((value) => `${value} s`) },
          { ...axis, size: 44, space: 22 },
        ],
        series: [
          {},
          ...series.map(({ label, dash }, index) => ({
            label,
            stroke: color(COLORS[index] ?? '--line-1'),
            width: 2,
            points: { size: 4 },
            ...(dash && { dash }),
          })),
        ],
      },
      dataRef.current,
      place,
    );
    plotRef.current = plot;
    const sizes = new ResizeObserver(() => plot.setSize({ width: Math.max(120, place.clientWidth), height }));
    sizes.observe(place);
    return () => {
      sizes.disconnect();
      plot.destroy();
      plotRef.current = undefined;
    };
  }, [theme, height]);

  useEffect(() => plotRef.current?.setData(dataRef.current), [points, fromS, zeroS, toS]);

  const last = points.at(-1);
  return (
    <figure class="plot">
      <figcaption>
        {title}
        {series.map(({ label, of }, index) => (
          <span key={label} style={{ color: `var(${COLORS[index] ?? '--line-1'})` }}>
            {' '}
            {label} <b>{last === undefined ? '' : shown(of(last))}</b>
          </span>
        ))}{' '}
        <small>{unit}</small>
      </figcaption>
      <div ref={placeRef} />
    </figure>
  );
}

/** What is drawn with a little room around it, within what is always seen. */
function limits(
  low: number | null,
  high: number | null,
  [least, most]: PlotProps['range'],
): [number, number] {
  const [from, to] = [least ?? low ?? 0, most ?? high ?? 1];
  const room = to > from ? (to - from) * ROOM : Math.abs(to) * ROOM || 1;
  return [least ?? from - room, most ?? to + room];
}

function shown(value: number | null): string {
  if (value === null) return 'unknown';
  return Math.abs(value) >= 100 ? value.toFixed(0) : value.toPrecision(3);
}
