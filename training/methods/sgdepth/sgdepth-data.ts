import type { AugmentationOptions } from '../../datasets/batches/augmentation.js';
import { SGDEPTH_AUGMENTATION } from '../../datasets/batches/triplet-batch.js';
import { prepareSource, prepareTarget } from '../../datasets/prepare/prepare-data.js';
import { inputNormalization } from '../../networks/input-normalization.js';
import type { DataRole } from '../../runs/data-role.js';
import { sizedPreparation } from '../../runs/sized-preparation.js';
import { methodOf, type SgdepthRunOptions } from './sgdepth-options.js';

/** Triplets of the target domain, whose labels nobody knows, and labelled images of the source domain. */
export const SGDEPTH_DATA: Readonly<Record<'target' | 'source', DataRole<SgdepthRunOptions>>> = {
  target: {
    ...{ kind: 'triplets', letter: 'B' },
    names: {
      ...{ triplets: 'triplets', intrinsics: 'intrinsics' },
      ...{ image: 'image', previousImage: 'previousImage', nextImage: 'nextImage' },
      ...{ picture: 'picture', previousPicture: 'previousPicture', nextPicture: 'nextPicture' },
    },
    prepare: (options, preparation) => prepareTarget(options.target, sizedPreparation(options, preparation)),
    batchSize: ({ targetBatch }) => targetBatch,
    fill: (options) => ({
      ...inputNormalization(methodOf(options).network),
      augmentation: augmentationOf(options),
    }),
  },
  source: {
    ...{ kind: 'labelled', letter: 'S' },
    names: { image: 'sourceImage', labels: 'sourceLabels' },
    prepare: (options, preparation) =>
      options.source === undefined
        ? undefined
        : prepareSource(options.source, sizedPreparation(options, preparation)),
    batchSize: ({ source, sourceBatch }) => (source === undefined ? 0 : sourceBatch),
    fill: (options, { crop }) => {
      const { network, minMeters, maxMeters } = methodOf(options);
      return {
        ...inputNormalization(network),
        ...{ targetStep: 2 ** network.outputScale, minMeters, maxMeters },
        canonicalFocalPixels: 1, // depth of the source is not used
        augmentation: { ...augmentationOf(options), crop },
      };
    },
  },
};

function augmentationOf({ colorChange }: SgdepthRunOptions): AugmentationOptions {
  return colorChange === 'jitter' ? { ...SGDEPTH_AUGMENTATION, jitter: true } : SGDEPTH_AUGMENTATION;
}
