import { useState } from 'preact/hooks';
import { drawPicture, drawPixels } from '../drawing/draw-frame.js';
import { useStore } from '../store.js';
import { PanelFrame } from './panel-frame.js';
import type { PanelProps } from './panel-props.js';
import { PictureCanvas } from './picture-canvas.js';

/** Told apart by pattern as well as by colour: what moves is filled, what could move is hatched. */
const MOVES = [255, 176, 0, 215] as const;
const COULD_MOVE = [110, 170, 255, 200] as const;
const HATCH_PIXELS = 6;

/** What moves, and what of people and vehicles stands, over the camera's picture. */
export function MovingPanel({ store, frames, isLarge, onLarge }: PanelProps) {
  const has = useStore(store, ({ panels }) => panels.has('moving') || panels.has('dynamic'));
  const compares = useStore(store, ({ panels }) => panels.has('moving'));
  const [share, setShare] = useState('');
  const draw = (context: CanvasRenderingContext2D): boolean => {
    const [moving, dynamic] = [frames.latest('moving'), frames.latest('dynamic')];
    const frame = moving ?? dynamic;
    if (frame === undefined) return false;
    const picture = frames.pictureAt(frame.head.timeNs);
    context.save();
    context.filter = 'grayscale(1) brightness(0.75)';
    if (picture === undefined) context.clearRect(0, 0, context.canvas.width, context.canvas.height);
    else drawPicture(context, picture);
    context.restore();
    const { width, height } = frame.head;
    const data = new ImageData(width, height);
    let count = 0;
    for (let i = 0, row = 0; row < height; row++) {
      for (let column = 0; column < width; column++, i++) {
        const moves = moving !== undefined && (moving.payload[i] ?? 0) > 0;
        const could = dynamic !== undefined && (dynamic.payload[i] ?? 0) > 0;
        if (moves) {
          data.data.set(MOVES, i * 4);
          count += 1;
        } else if (could && (row + column) % HATCH_PIXELS < 2) data.data.set(COULD_MOVE, i * 4);
      }
    }
    drawPixels(context, data);
    setShare(moving === undefined ? '' : `${((100 * count) / (width * height)).toFixed(1)} % moves`);
    return true;
  };
  return (
    <PanelFrame name="moving" title="What moves" note={share} isLarge={isLarge} onLarge={onLarge}>
      <PictureCanvas
        frames={frames}
        of={['moving', 'dynamic', 'camera']}
        label="What moves, over the camera's picture"
        waiting={has ? 'Waiting for the comparison of two frames' : 'Frames are not compared.'}
        size={() => (frames.latest('moving') ?? frames.latest('dynamic'))?.head}
        draw={draw}
      />
      <ul class="legend">
        {compares && (
          <li>
            <i class="filled" /> moves
          </li>
        )}
        <li>
          <i class="hatched" /> people and vehicles
        </li>
      </ul>
    </PanelFrame>
  );
}
