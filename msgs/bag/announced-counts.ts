import { counted } from './counted.js';
import type { ProblemLog } from './problem-log.js';
import { shown } from './shown.js';

/**
 * Compares what is announced of topics with what a complete pass has read of them, and reports every difference.
 * `source` says who announces it: `its statistics`.
 */
export function compareCounts(
  announced: ReadonlyMap<string, number>,
  read: ReadonlyMap<string, number>,
  { file, source, log }: { readonly file: string; readonly source: string; readonly log: ProblemLog },
): void {
  for (const [topic, count] of announced) {
    const found = read.get(topic) ?? 0;
    if (found === count) continue;
    log.add({
      file,
      what: `${source} announce ${counted(count, 'message')} of ${shown(topic)}, ${found} were read`,
      lost: found < count ? counted(count - found, 'message') : 'nothing by itself',
    });
  }
}
