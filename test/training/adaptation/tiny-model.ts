import type { PoseNetworkOptions } from '../../../training/networks/pose-network.js';
import type { SgdepthNetworkOptions } from '../../../training/networks/sgdepth-network.js';
import { sgdepthPerception } from '../../../training/networks/sgdepth-perception.js';
import { exportModel } from '../../../training/perception-graph/export-model.js';
import { networkParameters, poseParameters } from '../../../training/weights/network-parameters.js';
import { initialParameters } from '../../../training/weights/parameters.js';

export const TINY_NETWORK: SgdepthNetworkOptions = {
  encoder: [8, 8, 8, 8, 8],
  decoder: { channels: [8, 8, 8, 8, 8], activation: 'relu', padding: 'zero' },
  outputScale: 1,
  disparityBias: -5,
  classes: 19,
};

export const TINY_WIDTH = 128;
export const TINY_HEIGHT = 64;

/** Where its encoder is said to come from. */
export const TINY_ENCODER = { file: 'encoder.pth', sha256: 'a'.repeat(64), license: 'MIT' };

/** Writes an untrained model: about the same depth everywhere, and road. @param pose of a pose network beside it. */
export async function writeTinyModel(
  folder: string,
  seed = 3,
  network = TINY_NETWORK,
  pose?: PoseNetworkOptions,
): Promise<void> {
  const specs = [...networkParameters(network), ...(pose === undefined ? [] : poseParameters(pose))];
  const parameters = initialParameters(specs, seed);
  const bias = parameters.get('segmentation.logits.bias');
  if (bias === undefined) throw new Error('the segmentation head has no bias of this name');
  bias.values[0] = 50;
  await exportModel({
    folder,
    parameters,
    network: sgdepthPerception(network, { minMeters: 0.1, maxMeters: 100 }, pose),
    precision: 'F32',
    description: {
      ...{ name: 'tiny', version: 0, license: 'Apache-2.0' },
      input: {
        ...{ pixels: TINY_WIDTH * TINY_HEIGHT, multiple: 32, canonicalFocalPixels: 74 },
        ...{ mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] },
      },
      depth: { kind: 'disparity', metric: true, minMeters: 0.1, maxMeters: 100, farMeters: 85 },
      classAdjustment: undefined,
      provenance: {
        ...{ method: 'none', data: 'simulator, domain town-clean', seed: 3, steps: 0, trainedSeconds: 0 },
        ...{ command: 'none', createdAt: '2020-01-01T00:00:00Z', metrics: {} },
        encoder: TINY_ENCODER,
      },
    },
  });
}
