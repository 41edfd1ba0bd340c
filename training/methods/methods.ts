import type { Method } from '../runs/method.js';
import { adversarialDepth } from './adversarial-depth/adversarial-depth.js';
import { daMonodepth } from './da-monodepth/da-monodepth.js';
import { dada } from './dada/dada.js';
import { linearDepth } from './linear-depth/linear-depth.js';
import { s2rDepthnet } from './s2r-depthnet/s2r-depthnet.js';
import { sgdepth } from './sgdepth/sgdepth.js';
import { supervised } from './supervised/supervised.js';

/** Every method; the first is what `rxdepth train` means without a name. */
export const METHODS: readonly Method[] = [
  ...[supervised, sgdepth, daMonodepth, dada, adversarialDepth, s2rDepthnet],
  linearDepth,
];
