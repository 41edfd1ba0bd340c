import { UNLABELLED } from '../../../models/class-table.js';
import { SampleStore, type StoreDescription } from '../../datasets/stores/sample-store.js';
import type { LearningContext } from '../adaptation-method.js';

/**
 * The pictures that are learned from, in a store of their own without what the parent makes of them: neither depth nor labels.
 * @param folder of the store, within the run's own folder.
 */
export function pictureStore(
  { frames, pictures }: LearningContext['drives'],
  folder: string,
): { readonly folder: string; readonly description: StoreDescription } {
  const { width, height, source } = frames.description;
  const description: StoreDescription = {
    ...{
      source: `pictures of ${source}`,
      seed: 0,
      width,
      height,
      count: pictures.adapt.length,
      truth: false,
    },
  };
  const from = SampleStore.open(frames.folder, frames.description);
  const to = SampleStore.open(folder, description);
  try {
    for (const [i, { index }] of pictures.adapt.entries()) {
      const { rgb, intrinsics } = from.read(index);
      const nothing = { depthMeters: new Float32Array(), labels: new Uint8Array(1).fill(UNLABELLED) };
      to.write(i, { width, height, rgb, intrinsics, ...nothing });
    }
  } finally {
    from.close();
    to.close();
  }
  return { folder, description };
}
