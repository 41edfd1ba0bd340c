import { drawPicture } from '../drawing/draw-frame.js';
import { useStore } from '../store.js';
import { PanelFrame } from './panel-frame.js';
import type { PanelProps } from './panel-props.js';
import { PictureCanvas } from './picture-canvas.js';

/** The camera's picture as it came. */
export function CameraPanel({ store, frames, isLarge, onLarge }: PanelProps) {
  const has = useStore(store, ({ panels }) => panels.has('camera'));
  const kind = useStore(store, ({ hello }) => hello?.kind);
  const missing =
    kind === 'output'
      ? 'The output holds no camera pictures: `rxdepth replay --images` copies them into it.'
      : 'There is no camera picture.';
  return (
    <PanelFrame name="camera" title="Camera" isLarge={isLarge} onLarge={onLarge}>
      <PictureCanvas
        frames={frames}
        of={['camera']}
        label="The camera's picture"
        waiting={has ? 'Waiting for a picture' : missing}
        size={() => frames.pictureAt(undefined)?.head}
        draw={(context) => {
          const frame = frames.pictureAt(undefined);
          if (frame !== undefined) drawPicture(context, frame);
          return frame !== undefined;
        }}
      />
    </PanelFrame>
  );
}
