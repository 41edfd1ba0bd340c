import { type MonoTypeOperatorFunction, tap } from 'rxjs';
import type { FlowControl } from '../flow-control.js';

/**
 * Counts every item into `flow`, without dropping or delaying any. The source must await `flow.ready()` before it reads on.
 * The end of the pipeline must call `flow.leave()` once for every item. The order of items stays.
 */
export function lossless<T>(flow: FlowControl): MonoTypeOperatorFunction<T> {
  return tap({ next: () => flow.enter(), finalize: () => flow.end() });
}
