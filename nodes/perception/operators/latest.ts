import { type MonoTypeOperatorFunction, Observable } from 'rxjs';
import type { FlowControl } from '../flow-control.js';
import type { PipelineStatistics } from '../pipeline-statistics.js';

/**
 * Passes an item while `flow` has room. While it has none, the operator keeps only the newest item and drops the others.
 * A live pipeline drops frames here only; the drops count for the stage `latest`. The last item before the end of the stream is
 * not dropped.
 * @param flow counts the items in flight. The end of the pipeline must call `flow.leave()` once for every item.
 */
export function latest<T>(flow: FlowControl, statistics?: PipelineStatistics): MonoTypeOperatorFunction<T> {
  return (source) =>
    new Observable<T>((subscriber) => {
      let kept: { readonly item: T } | undefined;
      let completed = false;
      let cancel: (() => void) | undefined;

      const pass = (item: T) => {
        flow.enter();
        subscriber.next(item);
      };
      const onRoom = () => {
        cancel = undefined;
        if (kept === undefined) return;
        if (!flow.open) {
          cancel = flow.onRoom(onRoom);
          return;
        }
        const { item } = kept;
        kept = undefined;
        pass(item);
        if (completed) subscriber.complete();
      };

      subscriber.add(() => {
        cancel?.();
        flow.end();
      });
      subscriber.add(
        source.subscribe({
          next: (item) => {
            if (kept === undefined && flow.open) {
              pass(item);
              return;
            }
            if (kept !== undefined) statistics?.dropped('latest');
            kept = { item };
            cancel ??= flow.onRoom(onRoom);
          },
          error: (error) => subscriber.error(error),
          complete: () => {
            completed = true;
            if (kept === undefined) subscriber.complete();
          },
        }),
      );
    });
}
