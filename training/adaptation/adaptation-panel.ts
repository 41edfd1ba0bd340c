import type { ModelRunner } from '../../models/model-runner.js';
import { depthPicture } from '../../msgs/picture/depth-picture.js';
import { type PanelTile, panel } from '../../msgs/picture/panel.js';
import { type RgbPicture, rgbPicture } from '../../msgs/picture/rgb-picture.js';
import { SampleStore } from '../datasets/stores/sample-store.js';
import type { AdaptationBatchesOptions } from './learning/adaptation-batches.js';

/** Rows of picture, depth before, depth after: frames of the judged part. */
export async function adaptationPanel(
  frames: AdaptationBatchesOptions['frames'],
  indices: readonly number[],
  candidate: ModelRunner,
): Promise<RgbPicture> {
  const store = SampleStore.open(frames.folder, frames.description);
  const tiles: PanelTile[] = [];
  try {
    for (const index of indices) {
      const { rgb, depthMeters, width, height, intrinsics } = store.read(index);
      const { depth } = await candidate.run({ width, height, rgb }, intrinsics);
      tiles.push(
        { caption: `frame ${index}`, picture: rgbPicture(width, height, rgb) },
        { caption: 'before', picture: depthPicture(depthMeters, height, width) },
        { caption: 'after', picture: depthPicture(depth, height, width) },
      );
    }
  } finally {
    store.close();
  }
  return panel(tiles, { columns: 3 });
}
