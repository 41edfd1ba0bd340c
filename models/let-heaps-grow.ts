import { setFlagsFromString } from 'node:v8';

/**
 * Pictures and messages lie outside of V8's heap but count when it decides on the next full collection. It comes when what
 * the last one left has grown by so much. Next to heaps of 10 MB, which is all that these threads have, every tenth frame
 * brought one: 8 % of a replay's time. Now they may grow to five times what the last collection left, in all threads. For
 * mains alone: it is a setting of the whole process.
 */
export function letHeapsGrow(): void {
  setFlagsFromString('--heap-growing-percent=400');
}
