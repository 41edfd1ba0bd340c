import { useState } from 'preact/hooks';
import { DEPTH_COLORS } from '../../../../msgs/picture/depth-colors.js';
import { HALVES } from '../drawing/depth-scale.js';
import { drawPixels } from '../drawing/draw-frame.js';
import type { Frame } from '../store.js';
import { PanelFrame } from './panel-frame.js';
import type { PanelProps } from './panel-props.js';
import { PictureCanvas } from './picture-canvas.js';
import { ScaleBar } from './scale-bar.js';

const TICKS = [0, 25, 50, 75, 100].map((percent) => ({
  place: percent / 100,
  text: percent === 100 ? '100 % sure' : String(percent),
}));

/** How sure the model is of its depth, 0 to 1: bright is sure. */
export function ConfidencePanel({ frames, isLarge, onLarge }: PanelProps) {
  const [confidence, setConfidence] = useState<number | undefined>(undefined);
  const latest = () => frames.latest('confidence');
  const draw = (context: CanvasRenderingContext2D): boolean => {
    const frame = latest();
    if (frame === undefined) return false;
    const { width, height } = frame.head;
    const data = new ImageData(width, height);
    for (let i = 0; i < width * height; i++) {
      data.data.set([...colorOf(confidenceAt(frame, i)), 255], i * 4);
    }
    drawPixels(context, data);
    return true;
  };
  const point = (at: { readonly x: number; readonly y: number } | undefined) => {
    const frame = latest();
    if (at === undefined || frame === undefined) return setConfidence(undefined);
    const { width, height } = frame.head;
    setConfidence(confidenceAt(frame, Math.floor(at.y * height) * width + Math.floor(at.x * width)));
  };
  return (
    <PanelFrame
      name="confidence"
      title="Confidence"
      note={confidence === undefined ? '' : textOf(confidence)}
      isLarge={isLarge}
      onLarge={onLarge}
    >
      <PictureCanvas
        frames={frames}
        of={['confidence']}
        label="Confidence of the depth, bright is sure"
        waiting="Waiting for confidence"
        size={() => latest()?.head}
        draw={draw}
        onPoint={point}
      />
      <ScaleBar
        colorAt={(place) => `rgb(${colorOf(place).join(' ')})`}
        ticks={TICKS}
        marker={confidence !== undefined && confidence >= 0 ? Math.min(1, confidence) : undefined}
      />
    </PanelFrame>
  );
}

function colorOf(confidence: number): readonly [number, number, number] {
  const index = Math.round(255 * Math.min(1, Math.max(0, confidence))) * 3;
  return [DEPTH_COLORS[index] ?? 0, DEPTH_COLORS[index + 1] ?? 0, DEPTH_COLORS[index + 2] ?? 0];
}

function textOf(confidence: number): string {
  return Number.isNaN(confidence) ? 'unknown' : `${(100 * confidence).toFixed(0)} %`;
}

function confidenceAt({ head, payload }: Frame, index: number): number {
  if (head.format === 'byte') return (payload[index] ?? 0) / 255;
  return HALVES[(payload[index * 2] ?? 0) | ((payload[index * 2 + 1] ?? 0) << 8)] ?? Number.NaN;
}
