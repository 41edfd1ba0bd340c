import { NodeError } from '../../errors.js';

/** The engine can compute no further frames. A failure of a single frame is a NodeError instead. */
export class EngineError extends NodeError {
  /** `EngineError`. */
  override readonly name = 'EngineError';
}
