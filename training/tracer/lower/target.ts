import type { Device } from '../../../models/device.js';

/** What a graph is made for. Graphs for the default target run on every provider of onnxruntime that has `FusedMatMul`. */
export interface Target {
  readonly device: Device;
  /** Convolutions and matrix products in half precision; everything else, weights and gradients included, in single. */
  readonly halfProducts: boolean;
}

export const DEFAULT_TARGET: Target = { device: 'cpu', halfProducts: false };

/** Prefix of the names of nodes that a provider would accept and then fail to run: they have to be left to the CPU. */
export const CPU_NODE = 'cpu:';
