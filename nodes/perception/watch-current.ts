import { distinctUntilChanged, exhaustMap, mergeMap, type Observable, timer } from 'rxjs';
import { isSameVersion, type VersionId } from '../../models/versions/version-id.js';
import type { VersionStore } from '../../models/versions/version-store.js';

const PERIOD_MS = 1000;

/**
 * The current version, and every one that takes its place. The small file is read again and again: that works on every
 * disk, also before the folder is there. While it cannot be read, nothing is emitted.
 */
export function watchCurrent(
  store: Pick<VersionStore, 'current'>,
  periodMs: number = PERIOD_MS,
): Observable<VersionId> {
  return timer(0, periodMs).pipe(
    exhaustMap(() => store.current().catch(() => undefined)),
    mergeMap((id) => (id === undefined ? [] : [id])),
    distinctUntilChanged(isSameVersion),
  );
}
