import { NodeError } from '../../errors.js';

/** The engine cannot compute any more: not one frame failed, but what computes them. */
export class EngineError extends NodeError {
  override readonly name = 'EngineError';
}
