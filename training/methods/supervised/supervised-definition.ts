import { type RunDefinition, readWeights } from '../../runs/run-state.js';
import { networkParameters } from '../../weights/network-parameters.js';
import { initialParameters } from '../../weights/parameters.js';
import type { EncoderFile } from '../../weights/published/encoder-file.js';
import { takeEncoder } from '../../weights/published/take-encoder.js';
import { networkOf } from './run-network.js';
import type { RunOptions } from './run-options.js';

/** Where a fresh run's weights come from; drawn where nothing gives them. */
export interface SupervisedStart {
  /** Checkpoint of a run of the same network. */
  readonly from?: string;
  /** Published weights of the encoder. */
  readonly encoder?: EncoderFile;
}

/** A supervised run. @param report progress for people, a line or several. */
export function supervisedDefinition(
  options: RunOptions,
  { from, encoder }: SupervisedStart = {},
  report?: (line: string) => void,
): RunDefinition {
  const specs = networkParameters(networkOf(options));
  const { weightDecay, encoderRate = 1 } = options;
  return {
    specs,
    optimizer: {
      ...{ weightDecay, clipNorm: 5 },
      ...(encoderRate === 1 ? {} : { groups: [{ match: /^encoder\./, rate: encoderRate }] }),
    },
    start: () => {
      if (from !== undefined) return readWeights(from, specs);
      const drawn = initialParameters(specs, options.seed);
      if (encoder === undefined) return drawn;
      const taken = takeEncoder(encoder, specs);
      report?.(taken.report);
      return new Map([...drawn, ...taken.parameters]);
    },
  };
}
