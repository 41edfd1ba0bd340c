import { COMPACT_POSE_NETWORK, PAPER_POSE_NETWORK } from '../../networks/pose-network.js';
import { RESNET50_WIDTHS } from '../../networks/resnet-encoder.js';
import {
  COMPACT_NETWORK,
  efficientNetwork,
  NARROW_NETWORK,
  PAPER_NETWORK,
} from '../../networks/sgdepth-network.js';
import type { SgdepthOptions } from './sgdepth-loss.js';

/** Everything but the class weights, which the source data decide. */
type SgdepthPreset = Omit<SgdepthOptions, 'classWeights'>;

/** The paper's networks and weights. Source: SGDepth, sections 3 and 4. */
export const PAPER_SGDEPTH: SgdepthPreset = {
  network: PAPER_NETWORK,
  pose: PAPER_POSE_NETWORK,
  minMeters: 0.1,
  maxMeters: 100,
  scales: 4,
  smoothnessWeight: 1e-3,
  autoMask: true,
  overlap: 'mean',
};

/** With the larger encoder of the paper's tables 1 and 3; the pose network stays. */
export const PAPER_RESNET50_SGDEPTH: SgdepthPreset = {
  ...PAPER_SGDEPTH,
  network: { ...PAPER_NETWORK, encoder: RESNET50_WIDTHS, encoderDepth: 'resnet50' },
};

/** The same method on narrower networks with heads at half resolution: for CPUs. */
export const COMPACT_SGDEPTH: SgdepthPreset = {
  ...PAPER_SGDEPTH,
  network: { ...COMPACT_NETWORK, disparityBias: 0, segmentationGradient: 0.1 },
  pose: COMPACT_POSE_NETWORK,
};

/** The same on EfficientNet-Lite0, whose weights from ImageNet `--init-encoder` gives. */
export const EFFICIENT_SGDEPTH: SgdepthPreset = {
  ...COMPACT_SGDEPTH,
  network: { ...efficientNetwork('efficientnet-lite0'), disparityBias: 0, segmentationGradient: 0.1 },
};

/** Narrower again, with three scales: for many runs on a CPU, such as the ablation. */
export const NARROW_SGDEPTH: SgdepthPreset = {
  ...COMPACT_SGDEPTH,
  network: { ...NARROW_NETWORK, disparityBias: 0, segmentationGradient: 0.1 },
  pose: { ...COMPACT_POSE_NETWORK, encoder: [16, 16, 24, 32, 64], channels: 32 },
  scales: 3,
};
