import type { Perceived } from '../../models/perceive.js';

/** How far a model's answers lie from those of the model it was made from. */
export interface OutputChange {
  /** Mean of |log(depth / reference depth)| where both are finite; 1 % of depth is about 0.01. */
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
    for (let i = 0; i < depth.length; i++) {
      const ratio = depth[i] / reference.depth[i];
      if (!(ratio > 0) || ratio === Number.POSITIVE_INFINITY) continue;
      sum += Math.abs(Math.log(ratio));
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
