import type { PerceptionNetwork } from '../networks/perception-network.js';
import { sgdepthPerception } from '../networks/sgdepth-perception.js';
import type { Parameters } from '../weights/parameters.js';
import type { TrainableModel } from './load-weights.js';

/**
 * What is exported of a model that was read to be changed: its networks, and the pose network that came with them.
 * @param range of the disparity, metres.
 */
export function wholeModel(
  { network, parameters, pose }: Pick<TrainableModel, 'network' | 'parameters' | 'pose'>,
  range: { readonly minMeters: number; readonly maxMeters: number },
): { readonly network: PerceptionNetwork; readonly parameters: Parameters } {
  return {
    network: sgdepthPerception(network, range, pose?.options),
    parameters: pose === undefined ? parameters : new Map([...parameters, ...pose.parameters]),
  };
}
