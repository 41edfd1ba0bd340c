import type { OperatorFunction } from 'rxjs';
import type { FrameOrFault } from '../perception/frame.js';
import type { ProgressStream } from './progress-line.js';

/** What a replay needs of its surroundings. */
export interface ReplaySurroundings {
  /** Progress and warnings. */
  readonly progress: ProgressStream;
  /** Aborting stops reading; frames in flight are finished and the output is closed properly. */
  readonly signal: AbortSignal;
  /** What frames pass before they are computed: changed, or left out. */
  readonly operator?: OperatorFunction<FrameOrFault, FrameOrFault> | undefined;
  /** Told of every frame that was written. */
  readonly done?: () => void;
}
