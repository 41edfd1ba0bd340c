import { countOption, type DataSpec } from '../data-spec.js';
import { openFrameSet } from '../files/open-frame-set.js';
import { framesWithDepth } from './frames-with-depth.js';
import { holdOutSamples } from './hold-out-samples.js';
import { fillFrameFiles, storedSource } from './prepare-frame-set.js';
import type { PreparedSource, SizedPreparation } from './prepared-data.js';

/** How much larger than the network's pictures those with depth are stored. */
const DEPTH_MARGIN = 1.25;

/** Frames held out where nothing is said: every twentieth, and no more than so many. */
const MOST_HELD_OUT = 100;

/**
 * `virtual-kitti:ROOT`, `cityscapes:ROOT?depth=disparity` and other data sets with depth and intrinsics, as a rule with
 * labels. They are cropped to the network's shape in the middle and resized, for random crops. The last `validation` frames
 * are held out.
 * @throws TrainingError when no frame has depth and intrinsics, or all of them are held out.
 */
export async function prepareFrameDepths(
  spec: DataSpec,
  preparation: SizedPreparation,
): Promise<PreparedSource> {
  const { validation: _, ...given } = spec.options;
  const cityscapes: Record<string, string> =
    spec.kind === 'cityscapes' ? { subset: 'train', depth: 'disparity' } : {};
  const set = await openFrameSet({ ...spec, options: { ...cityscapes, ...given } });
  const pictures = framesWithDepth(set, spec.place, preparation);
  const size = {
    width: Math.round(DEPTH_MARGIN * preparation.width),
    height: Math.round(DEPTH_MARGIN * preparation.height),
  };
  const store = await fillFrameFiles(`${storedSource(spec)} depths`, pictures, size, preparation);
  const usual = Math.max(1, Math.min(MOST_HELD_OUT, Math.floor(pictures.length / 20)));
  const heldOut = { count: countOption(spec, 'validation', usual), between: 0 };
  const prepared = holdOutSamples(store, { ...heldOut, crop: [1 / DEPTH_MARGIN, 1] });
  preparation.report(`${set.title}: ${prepared.training.count} frames to learn from`);
  return prepared;
}
