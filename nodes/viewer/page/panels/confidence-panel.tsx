import { useState } from 'preact/hooks';
import { DEPTH_COLORS } from '../../../../msgs/picture/depth-colors.js';
import { HALVES } from '../drawing/depth-scale.js';
import { drawPixels } from '../drawing/draw-frame.js';
import type { Frame } from '../store.js';
import { PanelFrame } from './panel-frame.js';
import type { PanelProps } from './panel-props.js';
import { PictureCanvas } from './picture-canvas.js';

/** How sure the model is of its depth, 0 to 1: bright is sure. */
export function ConfidencePanel({ frames, isLarge, onLarge }: PanelProps) {
  const [note, setNote] = useState('');
  const latest = () => frames.latest('confidence');
  const draw = (context: CanvasRenderingContext2D): boolean => {
    const frame = latest();
    if (frame === undefined) return false;
    const { width, height } = frame.head;
    const data = new ImageData(width, height);
    for (let i = 0; i < width * height; i++) {
      const index = Math.round(255 * Math.min(1, Math.max(0, confidenceAt(frame, i)))) * 3;
      const color = [
        DEPTH_COLORS[index] ?? 0,
        DEPTH_COLORS[index + 1] ?? 0,
        DEPTH_COLORS[index + 2] ?? 0,
        255,
      ];
      data.data.set(color, i * 4);
    }
    drawPixels(context, data);
    return true;
  };
  const point = (at: { readonly x: number; readonly y: number } | undefined) => {
    const frame = latest();
    if (at === undefined || frame === undefined) return setNote('');
    const { width, height } = frame.head;
    const value = confidenceAt(frame, Math.floor(at.y * height) * width + Math.floor(at.x * width));
    setNote(Number.isNaN(value) ? 'unknown' : `${(100 * value).toFixed(0)} %`);
  };
  return (
    <PanelFrame name="confidence" title="Confidence" note={note} isLarge={isLarge} onLarge={onLarge}>
      <PictureCanvas
        frames={frames}
        of={['confidence']}
        label="Confidence of the depth, bright is sure"
        waiting="Waiting for confidence"
        size={() => latest()?.head}
        draw={draw}
        onPoint={point}
      />
    </PanelFrame>
  );
}

function confidenceAt({ head, payload }: Frame, index: number): number {
  if (head.format === 'byte') return (payload[index] ?? 0) / 255;
  return HALVES[(payload[index * 2] ?? 0) | ((payload[index * 2 + 1] ?? 0) << 8)] ?? Number.NaN;
}
