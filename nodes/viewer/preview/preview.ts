import type { PreviewHead } from '../page-protocol.js';

/** A picture or cloud as the page gets it: small, and quick to make. */
export interface Preview {
  readonly head: PreviewHead;
  readonly payload: Uint8Array;
}
