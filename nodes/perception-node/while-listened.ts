import { distinctUntilChanged, interval, map, NEVER, type Observable, startWith, switchMap } from 'rxjs';

/** How soon a new subscriber wakes a sleeping node. */
const LOOK_MS = 200;

/** `source` while somebody listens, subscribed to and let go accordingly; never ends by itself. */
export function whileListened<T>(source: Observable<T>, listened: () => boolean): Observable<T> {
  return interval(LOOK_MS).pipe(
    startWith(0),
    map(listened),
    distinctUntilChanged(),
    switchMap((awake) => (awake ? source : NEVER)),
  );
}
