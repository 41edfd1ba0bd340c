import type { OperatorFunction } from 'rxjs';
import type { FrameOrFault } from '../perception/frame.js';
import type { ProgressStream } from './progress-line.js';
import type { ReplayOptions } from './replay-options.js';
import type { ReplaySummary } from './replay-summary.js';
import { runReplay } from './run-replay.js';

/** Options of a replay. An absent option has the default of `rxdepth replay`. */
export interface ReplayBagOptions extends Partial<Omit<ReplayOptions, 'bag' | 'output'>> {
  /** Path of the bag folder, or of an .mcap or .db3 file. */
  readonly bag: string;
  /** Path of the output bag's folder. */
  readonly output: string;
  /** Operator that frames pass before inference: one of `rxdepth/operators`, or your own. */
  readonly operator?: OperatorFunction<FrameOrFault, FrameOrFault>;
  /** Stream for progress and warnings; default: none. */
  readonly progress?: ProgressStream;
  /** Aborting stops the reading. The replay then finishes the frames in flight and closes the output properly. */
  readonly signal?: AbortSignal;
}

const PICTURE_EVERY = 10;
const POINTS_STRIDE = 4;

/**
 * Runs perception over a bag and writes an output bag, as `rxdepth replay` does.
 * @throws MessageError for a bag, ModelError for a model, NodeError for unusable options. Nothing is written in these cases.
 */
export async function replayBag(options: ReplayBagOptions): Promise<ReplaySummary> {
  const {
    operator,
    progress = { write: () => {} },
    signal = new AbortController().signal,
    ...given
  } = options;
  return await runReplay(
    {
      ...{ device: 'auto', depthEncoding: '32FC1', pointsStride: POINTS_STRIDE, pictureEvery: PICTURE_EVERY },
      ...{ motion: true, scale: 'model', images: false, overwrite: false, verbose: false },
      ...given,
    },
    { progress, signal, operator },
  );
}
