import type { ModelRunner } from '../../models/model-runner.js';
import { depthPicture } from '../../msgs/picture/depth-picture.js';
import { type PanelTile, panel } from '../../msgs/picture/panel.js';
import { type RgbPicture, rgbPicture } from '../../msgs/picture/rgb-picture.js';
import { SampleStore } from '../datasets/stores/sample-store.js';
import type { AdaptationBatchesOptions } from './learning/adaptation-batches.js';

/** A frame of the judged part, with the depth of parent and candidate in the same colours. */
export interface BeforeAndAfter {
  readonly frame: number;
  readonly picture: RgbPicture;
  readonly before: RgbPicture;
  readonly after: RgbPicture;
}

/** The pictures of a drive's frames with the parent's answers, which are stored, and the candidate's. */
export async function beforeAndAfter(
  frames: AdaptationBatchesOptions['frames'],
  indices: readonly number[],
  candidate: ModelRunner,
): Promise<BeforeAndAfter[]> {
  const store = SampleStore.open(frames.folder, frames.description);
  const shown: BeforeAndAfter[] = [];
  try {
    for (const frame of indices) {
      const { rgb, depthMeters, width, height, intrinsics } = store.read(frame);
      const { depth } = await candidate.run({ width, height, rgb }, intrinsics);
      shown.push({
        frame,
        picture: rgbPicture(width, height, rgb),
        before: depthPicture(depthMeters, height, width),
        after: depthPicture(depth, height, width),
      });
    }
  } finally {
    store.close();
  }
  return shown;
}

/** Rows of picture, depth before, depth after. */
export function adaptationPanel(shown: readonly BeforeAndAfter[]): RgbPicture {
  const tiles = shown.flatMap(({ frame, picture, before, after }): PanelTile[] => [
    { caption: `frame ${frame}`, picture },
    { caption: 'before', picture: before },
    { caption: 'after', picture: after },
  ]);
  return panel(tiles, { columns: 3 });
}
