import type { Perceived } from '../../models/perceive.js';

/** How far a model's answers lie from those of the model it was made from. */
export interface OutputChange {
  /**
   * Mean of |log(depth / reference depth)| where one of both is finite; 1 % of depth is about 0.01. No depth counts as the
   * largest one of the picture's reference.
   */
  readonly depth: number;
  /** Share of pixels with another class; undefined without classes. */
  readonly labels: number | undefined;
}

/** One number to order models by: both changes, added. */
export function totalChange({ depth, labels = 0 }: OutputChange): number {
  return depth + labels;
}

/**
 * How far answers are from their references, picture by picture.
 * @throws RangeError for answers without a reference.
 */
export function outputChange(answers: readonly Perceived[], references: readonly Perceived[]): OutputChange {
  let sum = 0;
  let pixels = 0;
  let different = 0;
  let labelled = 0;
  for (const [k, { depth, labels }] of answers.entries()) {
    const reference = references[k];
    if (reference === undefined) throw new RangeError(`no reference for answer ${k}`);
    const isDepth = (z: number) => z > 0 && z < Number.POSITIVE_INFINITY;
    const far = reference.depth.reduce((most, z) => (isDepth(z) ? Math.max(most, z) : most), 0);
    for (let i = 0; i < depth.length; i++) {
      const [z, there] = [depth[i], reference.depth[i]];
      if (!isDepth(z) && !isDepth(there)) continue;
      sum += Math.abs(Math.log((isDepth(z) ? z : far) / (isDepth(there) ? there : far)));
      pixels++;
    }
    if (labels === undefined || reference.labels === undefined) continue;
    for (let i = 0; i < labels.length; i++) if (labels[i] !== reference.labels[i]) different++;
    labelled += labels.length;
  }
  return {
    depth: pixels === 0 ? Number.POSITIVE_INFINITY : sum / pixels,
    labels: labelled === 0 ? undefined : different / labelled,
  };
}
