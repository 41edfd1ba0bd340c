import { CITYSCAPES_CLASSES, UNLABELLED } from '../../models/class-table.js';
import type { Manifest } from '../../models/manifest.js';

/** Cityscapes' trainId of each of a model's labels, [256], by the classes' names; undefined when none of them is Cityscapes'. */
export function trainIdsOf({ classes }: Pick<Manifest, 'classes'>): Uint8Array | undefined {
  const table = new Uint8Array(256).fill(UNLABELLED);
  for (const [label, { name }] of classes.entries()) {
    const trainId = CITYSCAPES_CLASSES.findIndex((known) => known.name === name.toLowerCase());
    if (trainId >= 0) table[label] = trainId;
  }
  return table.some((trainId) => trainId !== UNLABELLED) ? table : undefined;
}
