import { formatVersionId, type VersionId } from '../../../models/versions/version-id.js';
import type { VersionStore } from '../../../models/versions/version-store.js';

/** How another version comes to run. */
export interface ModelChoice {
  /** `machine`: a version becomes the current one for all that follow it. `node`: one running node loads it. */
  readonly scope: 'machine' | 'node';
  /** @returns what happened, for people. @throws ModelError, NodeError */
  use(id: VersionId): Promise<string>;
  /** Goes back to the version that was current before. @returns what happened. @throws ModelError, NodeError */
  rollback(): Promise<string>;
}

/** Choosing makes a version the current one of this machine, as `rxdepth model use` and `rollback` do. */
export function machineChoice(store: Pick<VersionStore, 'use' | 'rollback'>): ModelChoice {
  return {
    scope: 'machine',
    async use(id) {
      const before = await store.use(id);
      return `${formatVersionId(id)} is current (was ${formatVersionId(before)})`;
    },
    async rollback() {
      const { from, to } = await store.rollback();
      return `${formatVersionId(to)} is current (was ${formatVersionId(from)})`;
    },
  };
}
