import type { AblationSetting } from '../../runs/method.js';
import type { SgdepthRunOptions } from './sgdepth-options.js';

/** Steps of the start, where nothing is said. */
const START_STEPS = 2000;

/**
 * Table 3 on simulated drives at 128x64. All rows start from one run on the source domain, without masks, on drives in which
 * cars move as they please. What pretraining on ImageNet is to the paper.
 */
export const SGDEPTH_ABLATION: AblationSetting<SgdepthRunOptions> = {
  base: {
    ...{ preset: 'compact', width: 128, height: 64, dataSeed: 1 },
    source: 'simulator:town-clean?samples=640',
    target: 'simulator:convoy+parked?drives=100&frames=4&rate=10&validation=30',
    ...{ targetBatch: 4, sourceBatch: 2, length: { steps: 600 }, learningRate: 1e-3 },
    ...{ segmentationGradient: 0.1, masking: 'scheduled', autoMask: true, overlap: 'mean' },
  },
  start: (steps = START_STEPS) => ({
    target: 'simulator:town-clean?drives=100&frames=4&rate=10&validation=20',
    ...{ sourceBatch: 4, length: { steps }, learningRate: 2e-3, masking: 'none' },
  }),
};
