import { type MonoTypeOperatorFunction, tap } from 'rxjs';
import type { FlowControl } from '../flow-control.js';

/**
 * Counts every item into `flow`; nothing is dropped and nothing waits here. The source has to wait for `flow.ready()`
 * before it reads on, and the end of the pipeline calls `flow.leave()` once for every item.
 */
export function lossless<T>(flow: FlowControl): MonoTypeOperatorFunction<T> {
  return tap({ next: () => flow.enter(), finalize: () => flow.end() });
}
