import type { Manifest } from '../../models/manifest.js';
import { formatVersionId } from '../../models/versions/version-id.js';

/**
 * Whether taking `to` in place of `running` is a step back, to the model it was adapted from. Then the two need not resemble
 * each other, since the running one may be the one that went wrong.
 */
export function goesBack(running: Manifest, to: Manifest): boolean {
  return running.provenance.parent === formatVersionId(to);
}
