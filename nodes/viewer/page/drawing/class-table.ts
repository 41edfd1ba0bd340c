import type { WireClass } from '../../page-protocol.js';

/** Colours of classes as ImageData has them; one that is looked for stands out, the others are nearly gone. */
export function classColorTable(classes: readonly WireClass[], only: number | undefined): Uint32Array {
  const table = new Uint32Array(256);
  const bytes = new Uint8Array(table.buffer);
  for (const [index, { color }] of classes.entries()) {
    if (index > 255) break;
    const [red, green, blue] = color;
    if (only === undefined) bytes.set([red, green, blue, 190], index * 4);
    else if (only === index) bytes.set([255, 200, 60, 230], index * 4);
    else bytes.set([0, 0, 0, 120], index * 4);
  }
  return table;
}

/** Shares of the classes in a picture, largest first. */
export function classShares(labels: Uint8Array): { readonly index: number; readonly share: number }[] {
  const counts = new Uint32Array(256);
  for (const label of labels) counts[label] = (counts[label] ?? 0) + 1;
  return [...counts]
    .map((count, index) => ({ index, share: count / labels.length }))
    .filter(({ share }) => share > 0)
    .sort((a, b) => b.share - a.share);
}
