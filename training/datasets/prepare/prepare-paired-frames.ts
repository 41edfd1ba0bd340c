import { countOption, type DataSpec } from '../data-spec.js';
import { openFrameSet } from '../files/open-frame-set.js';
import { pictureSize } from '../files/picture-size.js';
import { framesWithDepth } from './frames-with-depth.js';
import { holdOutSamples } from './hold-out-samples.js';
import { PAIRED_CROP, pairedSize } from './paired-size.js';
import { fillFrameFiles, storedSource } from './prepare-frame-set.js';
import type { PreparedSource, SizedPreparation } from './prepared-data.js';

/** Data sets whose evaluation takes another part of them than training does. */
const TRAINING_PART: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  nyuv2: { subset: 'train' },
  make3d: { subset: 'train' },
};

/**
 * `nyuv2:ROOT`, `make3d:ROOT`, `kitti-raw:ROOT?split=FILE` and other data sets with true depth, as `openFrameSet` reads them:
 * whole pictures, resized for random crops. The last `?validation=N` (40) are held out. NYUv2 and Make3D give their training
 * parts.
 * @throws TrainingError when no frame has both true depth and intrinsics.
 */
export async function preparePairedFrames(
  spec: DataSpec,
  preparation: SizedPreparation,
): Promise<PreparedSource> {
  const { validation: _, ...given } = spec.options;
  const options = { ...TRAINING_PART[spec.kind], ...given };
  const set = await openFrameSet({ ...spec, options });
  const pictures = framesWithDepth(set, spec.place, preparation).map(({ labels: _, ...picture }) => picture);
  const [{ file }] = pictures;
  const shape = pairedSize(await pictureSize(file), preparation);
  const store = await fillFrameFiles(
    `${storedSource({ ...spec, options })} depth`,
    pictures,
    shape,
    preparation,
  );
  preparation.report(`${set.title}: ${pictures.length} pictures with true depth`);
  const heldOut = { count: countOption(spec, 'validation', 40), between: 0, crop: PAIRED_CROP };
  return holdOutSamples(store, heldOut);
}
