import type { OperatorFunction } from 'rxjs';
import type { FrameOrFault } from '../perception/frame.js';
import type { ProgressStream } from './progress-line.js';
import type { ReplayOptions } from './replay-options.js';
import type { ReplaySummary } from './replay-summary.js';
import { runReplay } from './run-replay.js';

/** What a replay is asked for; what is left out is as `rxdepth replay` has it. */
export interface ReplayBagOptions extends Partial<Omit<ReplayOptions, 'bag' | 'output'>> {
  /** Bag folder, .mcap or .db3 file. */
  readonly bag: string;
  /** Folder of the output bag. */
  readonly output: string;
  /** What frames pass before they are computed: an operator of `rxdepth/operators`, or your own. */
  readonly operator?: OperatorFunction<FrameOrFault, FrameOrFault>;
  /** Progress and warnings; nowhere where left out. */
  readonly progress?: ProgressStream;
  /** Aborting stops reading; frames in flight are finished and the output is closed properly. */
  readonly signal?: AbortSignal;
}

const PICTURE_EVERY = 10;
const POINTS_STRIDE = 4;

/**
 * Runs perception over a bag into an output bag, as `rxdepth replay` does.
 * @throws MessageError for a bag, ModelError for a model, NodeError for options that cannot be used; nothing is touched then.
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
