import { from, map, mergeMap, type ObservableInput, type OperatorFunction } from 'rxjs';

/**
 * Starts `project` for every value at once and emits the results in the order of the values, however long each takes.
 * An error of any of them ends the stream.
 * @param project emits exactly one value
 */
export function inOrder<A, B>(project: (value: A) => ObservableInput<B>): OperatorFunction<A, B> {
  return (source) => {
    let nextIndex = 0;
    const finished = new Map<number, B>();
    return source.pipe(
      mergeMap((value, index) => from(project(value)).pipe(map((result) => ({ index, result })))),
      mergeMap(({ index, result }) => {
        finished.set(index, result);
        const ready: B[] = [];
        for (; finished.has(nextIndex); nextIndex++) {
          ready.push(finished.get(nextIndex) as B);
          finished.delete(nextIndex);
        }
        return ready;
      }),
    );
  };
}
