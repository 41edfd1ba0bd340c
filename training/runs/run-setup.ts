import path from 'node:path';
import type { EncoderFile } from '../weights/published/encoder-file.js';
import type { EngineChoice } from './engine.js';
import type { RunOptions } from './run-options.js';

/** What a run is started with, beside its method. */
export interface Run extends EngineChoice {
  readonly folder: string;
  /** Where prepared data are kept; shared by runs with the same data. */
  readonly dataFolder: string;
  readonly options: RunOptions;
  /** Folder of the weights that a fresh run starts from, as `readStartingWeights` finds them; the others are drawn. */
  readonly from?: string | undefined;
  /** Published weights that a fresh run's encoder starts from. */
  readonly encoder?: EncoderFile | undefined;
  readonly threads: number;
  /** Steps between validations and checkpoints. */
  readonly every: number;
  readonly signal: AbortSignal;
  /** Progress for people, one line without its end. */
  report(line: string): void;
}

/** Where the checkpoint of a run is. */
export const checkpointOf = (folder: string) => path.join(folder, 'checkpoint');
