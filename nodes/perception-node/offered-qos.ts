import { OUTPUTS } from '../perception/outputs.js';
import type { OfferedOutput } from '../perception/perception-topics.js';
import { LATCHED, type QosProfile, RELIABLE } from '../transport/ros2/qos.js';
import type { Parameters } from './parameters.js';

/** What the node offers an output with, unless `qos_overrides` say otherwise. */
export function offeredQos(
  { key, latched = false }: Pick<OfferedOutput, 'key' | 'latched'>,
  { output_reliability }: Pick<Parameters, 'output_reliability'>,
): QosProfile {
  if (latched) return LATCHED;
  if (OUTPUTS[key].of === 'stream') return RELIABLE;
  return { reliability: output_reliability, durability: 'volatile', depth: 2 };
}
