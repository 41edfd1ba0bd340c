import { useMemo, useState } from 'preact/hooks';
import {
  type DepthRange,
  depthAt,
  depthColor,
  depthColorTable,
  HALVES,
  METRIC_RANGE,
  rangeOf,
  scalePosition,
} from '../drawing/depth-scale.js';
import { drawPixels } from '../drawing/draw-frame.js';
import type { Frame } from '../store.js';
import { useStore } from '../store.js';
import { PanelFrame } from './panel-frame.js';
import type { PanelProps } from './panel-props.js';
import { PictureCanvas } from './picture-canvas.js';
import { ScaleBar } from './scale-bar.js';

const TICKS = [3, 5, 8, 12, 20, 40, 80];

/** Depth in colours, near is bright, with a scale in metres that shows where the cursor's depth lies. */
export function DepthPanel({ store, frames, isLarge, onLarge }: PanelProps) {
  const has = useStore(store, ({ panels }) => panels.has('depth'));
  const [depth, setDepth] = useState<number | undefined>(undefined);
  const [relative, setRelative] = useState<DepthRange | undefined>(undefined);
  const range = relative ?? METRIC_RANGE;
  const metricTable = useMemo(() => depthColorTable(METRIC_RANGE), []);
  const latest = () => frames.latest('depth');
  const draw = (context: CanvasRenderingContext2D): boolean => {
    const frame = latest();
    if (frame === undefined) return false;
    const isRelative = frame.head.topic.endsWith('relative');
    const halves = halvesOf(frame);
    const own = isRelative ? rangeOf(halves) : undefined;
    if (own?.near !== relative?.near || own?.far !== relative?.far) setRelative(own);
    const table = own === undefined ? metricTable : depthColorTable(own);
    const data = new ImageData(frame.head.width, frame.head.height);
    const pixels = new Uint32Array(data.data.buffer);
    for (let i = 0; i < pixels.length; i++) pixels[i] = table[halves[i] ?? 0] ?? 0;
    drawPixels(context, data);
    return true;
  };
  const point = (at: { readonly x: number; readonly y: number } | undefined) => {
    const frame = latest();
    if (at === undefined || frame === undefined) return setDepth(undefined);
    const { width, height } = frame.head;
    const index = Math.floor(at.y * height) * width + Math.floor(at.x * width);
    setDepth(HALVES[halvesOf(frame)[index] ?? 0]);
  };
  return (
    <PanelFrame
      name="depth"
      title="Depth"
      note={depth === undefined ? '' : depthText(depth, relative !== undefined)}
      isLarge={isLarge}
      onLarge={onLarge}
    >
      <PictureCanvas
        frames={frames}
        of={['depth']}
        label="Depth, near is bright"
        waiting={has ? 'Waiting for depth' : 'The model gives no depth.'}
        size={() => latest()?.head}
        draw={draw}
        onPoint={point}
      />
      {has && <DepthScale range={range} depth={depth} unit={relative === undefined ? ' m' : ''} />}
    </PanelFrame>
  );
}

function DepthScale(props: {
  readonly range: DepthRange;
  readonly depth: number | undefined;
  readonly unit: string;
}) {
  const { range, depth, unit } = props;
  const ticks = unit === '' ? [range.near, (range.near + range.far) / 2, range.far] : TICKS;
  const place = (value: number) => 1 - scalePosition(value, range);
  const marked = depth !== undefined && depth > 0 && depth < Number.POSITIVE_INFINITY;
  return (
    <ScaleBar
      colorAt={(at) => `rgb(${depthColor(depthAt(1 - at, range) || range.far, range).join(' ')})`}
      ticks={ticks.map((tick, index) => ({
        place: place(tick),
        text: `${unit === '' ? tick.toPrecision(2) : tick}${index === ticks.length - 1 ? unit : ''}`,
      }))}
      marker={marked ? place(depth) : undefined}
    />
  );
}

function halvesOf({ payload }: Frame): Uint16Array {
  return new Uint16Array(payload.buffer, payload.byteOffset, payload.byteLength / 2);
}

function depthText(depth: number, relative: boolean): string {
  if (Number.isNaN(depth)) return 'no depth here';
  if (depth === Number.POSITIVE_INFINITY) return 'too far to tell';
  return relative ? `${depth.toPrecision(3)}, no metres` : `${depth.toFixed(depth < 10 ? 2 : 1)} m`;
}
