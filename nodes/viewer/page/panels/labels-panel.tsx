import { useState } from 'preact/hooks';
import { classColorTable, classShares } from '../drawing/class-table.js';
import { drawPicture, drawPixels } from '../drawing/draw-frame.js';
import { useStore } from '../store.js';
import { PanelFrame } from './panel-frame.js';
import type { PanelProps } from './panel-props.js';
import { PictureCanvas } from './picture-canvas.js';

/** Least share of the picture from which on a class is in the legend. */
const LEAST_SHARE = 0.0005;

/** Classes over the camera's picture. A click on one of the legend shows it alone: nobody has to tell colours apart. */
export function LabelsPanel({ store, frames, isLarge, onLarge }: PanelProps) {
  const has = useStore(store, ({ panels }) => panels.has('labels'));
  const classes = useStore(store, (state) => state.classes);
  const [only, setOnly] = useState<number | undefined>(undefined);
  const [note, setNote] = useState('');
  const [present, setPresent] = useState<readonly number[]>([]);
  const latest = () => frames.latest('labels');
  const name = (index: number) => classes[index]?.name ?? (index === 255 ? 'no class' : `class ${index}`);
  const draw = (context: CanvasRenderingContext2D): boolean => {
    const frame = latest();
    if (frame === undefined) return false;
    const picture = frames.pictureAt(frame.head.timeNs);
    if (picture === undefined) context.clearRect(0, 0, context.canvas.width, context.canvas.height);
    else drawPicture(context, picture);
    const table = classColorTable(classes, only);
    const data = new ImageData(frame.head.width, frame.head.height);
    const pixels = new Uint32Array(data.data.buffer);
    for (let i = 0; i < pixels.length; i++) pixels[i] = table[frame.payload[i] ?? 255] ?? 0;
    drawPixels(context, data);
    const seen = classShares(frame.payload)
      .filter(({ index, share }) => share >= LEAST_SHARE && index !== 255)
      .map(({ index }) => index)
      .sort((a, b) => a - b);
    if (seen.join() !== present.join()) setPresent(seen);
    return true;
  };
  const point = (at: { readonly x: number; readonly y: number } | undefined) => {
    const frame = latest();
    if (at === undefined || frame === undefined) return setNote('');
    const { width, height } = frame.head;
    setNote(name(frame.payload[Math.floor(at.y * height) * width + Math.floor(at.x * width)] ?? 255));
  };
  return (
    <PanelFrame name="labels" title="Labels" note={note} isLarge={isLarge} onLarge={onLarge}>
      <PictureCanvas
        frames={frames}
        of={['labels', 'camera']}
        label="Classes over the camera's picture"
        waiting={has ? 'Waiting for labels' : 'The model has no classes.'}
        size={() => latest()?.head}
        draw={draw}
        onPoint={point}
        inputs={[classes, only]}
      />
      <ul class="legend">
        {present.map((index) => (
          <li key={index}>
            <button
              type="button"
              aria-pressed={only === index}
              title="Show this class alone"
              onClick={() => setOnly(only === index ? undefined : index)}
            >
              <i style={{ background: `rgb(${(classes[index]?.color ?? [128, 128, 128]).join(' ')})` }} />
              {name(index)}
            </button>
          </li>
        ))}
      </ul>
    </PanelFrame>
  );
}
