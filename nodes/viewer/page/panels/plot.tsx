import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import type { StatusPoint } from '../store.js';

export interface Series {
  readonly label: string;
  readonly of: (point: StatusPoint) => number | null;
  /** Lines are told apart by their pattern as well as by their colour. */
  readonly dash?: number[];
}

export interface PlotProps {
  readonly title: string;
  readonly unit: string;
  readonly points: readonly StatusPoint[];
  readonly series: readonly Series[];
  readonly theme: string;
}

/** Blue and orange: no pair that somebody cannot tell apart. */
const COLORS = ['--line-1', '--line-2', '--line-3'];
const HEIGHT = 92;

/** Some figures of the status over the recorded time. */
export function Plot({ title, unit, points, series, theme }: PlotProps) {
  const placeRef = useRef<HTMLDivElement>(null);
  const plotRef = useRef<uPlot | undefined>(undefined);
  const dataRef = useRef<uPlot.AlignedData>([[]]);
  const first = points[0]?.timeS ?? 0;
  dataRef.current = [points.map(({ timeS }) => timeS - first), ...series.map(({ of }) => points.map(of))];

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
        height: HEIGHT,
        cursor: { drag: { x: false, y: false } },
        legend: { show: false },
        scales: { x: { time: false } },
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
    const sizes = new ResizeObserver(() =>
      plot.setSize({ width: Math.max(120, place.clientWidth), height: HEIGHT }),
    );
    sizes.observe(place);
    return () => {
      sizes.disconnect();
      plot.destroy();
      plotRef.current = undefined;
    };
  }, [theme]);

  useEffect(() => plotRef.current?.setData(dataRef.current), [points]);

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

function shown(value: number | null): string {
  if (value === null) return 'unknown';
  return Math.abs(value) >= 100 ? value.toFixed(0) : value.toPrecision(3);
}
