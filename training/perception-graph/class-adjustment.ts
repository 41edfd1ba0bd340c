import type { Manifest } from '../../models/manifest.js';
import { TrainingError } from '../errors.js';
import type { Parameters } from '../weights/parameters.js';

/** Name of the bias of the segmentation decoder's last convolution, one value a class. */
export const LOGITS_BIAS = 'segmentation.logits.bias';

/** By class name: what a model adds, in nats, to the logits that it learned. Classes that are left out: 0. */
export type ClassAdjustment = Readonly<Record<string, number>>;

/** How manifests said it before they had a field for it, at the end of `provenance.method`. */
const OLD_NOTE = /(?:; logits adjusted: [^;()]+)+$/;

/**
 * How the classes of a model were adjusted after learning. Models from before the field `classAdjustment` tell it at the end of
 * their `provenance.method`.
 * @returns undefined where they were not.
 */
export function classAdjustmentOf({
  classAdjustment,
  classes,
  provenance,
}: Pick<Manifest, 'classAdjustment' | 'classes' | 'provenance'>): ClassAdjustment | undefined {
  if (classAdjustment !== undefined) return classAdjustment;
  const [note] = OLD_NOTE.exec(provenance.method) ?? [];
  if (note === undefined) return undefined;
  const names = new Set(classes.map(({ name }) => name));
  let sum: ClassAdjustment = {};
  for (const text of note.split(/; logits adjusted: |, /)) {
    const [, name = '', value = ''] = /^(.+) (\S+)$/.exec(text) ?? [];
    if (names.has(name) && Number.isFinite(Number(value)))
      sum = addedAdjustments(sum, { [name]: Number(value) });
  }
  return sum;
}

/** A method's text without the old note: the field has what it said. */
export function withoutOldNote(method: string): string {
  return method.replace(OLD_NOTE, '');
}

/** What both add, one after the other. */
export function addedAdjustments(a: ClassAdjustment = {}, b: ClassAdjustment = {}): ClassAdjustment {
  return weighted([a, b], [1, 1]);
}

/**
 * The adjustment of weights that are a weighted sum of several models' weights. A bias is added to the logits, so its sum is
 * the sum of what was learned plus the sum of what was adjusted, exactly.
 * @returns undefined where no model was adjusted.
 */
export function mixedAdjustment(
  models: readonly (ClassAdjustment | undefined)[],
  shares: readonly number[],
): ClassAdjustment | undefined {
  if (models.every((each) => each === undefined)) return undefined;
  return weighted(
    models.map((each) => each ?? {}),
    shares,
  );
}

function weighted(all: readonly ClassAdjustment[], shares: readonly number[]): ClassAdjustment {
  const names = new Set(all.flatMap((each) => Object.keys(each)));
  const sum = (name: string) =>
    all.reduce((total, each, i) => total + (shares[i] ?? 0) * (each[name] ?? 0), 0);
  // Sums of decimal fractions: -0.7 + 0.7 has to be 0, and no class that is not adjusted is named.
  const rounded = [...names].map((name) => [name, Number(sum(name).toFixed(9))] as const);
  return Object.fromEntries(rounded.filter(([, value]) => value !== 0));
}

/** As people read it: `person -0.7, car +0.3`. */
export function adjustmentText(adjustment: ClassAdjustment): string {
  return Object.entries(adjustment)
    .map(([name, value]) => `${name} ${value > 0 ? '+' : ''}${value}`)
    .join(', ');
}

/** Weights as they run, of weights as they were learned. @throws TrainingError where they have no such classes. */
export function adjusted(
  parameters: Parameters,
  adjustment: ClassAdjustment | undefined,
  classes: readonly { readonly name: string }[],
): Parameters {
  return shifted(parameters, adjustment, classes, 1);
}

/** Weights as they were learned, of weights as they run. @throws TrainingError where they have no such classes. */
export function unadjusted(
  parameters: Parameters,
  adjustment: ClassAdjustment | undefined,
  classes: readonly { readonly name: string }[],
): Parameters {
  return shifted(parameters, adjustment, classes, -1);
}

function shifted(
  parameters: Parameters,
  adjustment: ClassAdjustment | undefined,
  classes: readonly { readonly name: string }[],
  sign: 1 | -1,
): Parameters {
  if (adjustment === undefined || Object.keys(adjustment).length === 0) return parameters;
  const bias = parameters.get(LOGITS_BIAS);
  const names = classes.map(({ name }) => name);
  const unknown = Object.keys(adjustment).find((name) => !names.includes(name));
  if (bias === undefined || bias.values.length !== names.length || unknown !== undefined) {
    throw new TrainingError(
      `\`classAdjustment\`: expected one logit bias for each of ${names.length} classes, ` +
        (unknown === undefined ? `got ${bias?.values.length ?? 'none'}` : `and among them no \`${unknown}\``),
    );
  }
  const values = bias.values.map((value, i) => value + sign * (adjustment[names[i] ?? ''] ?? 0));
  return new Map(parameters).set(LOGITS_BIAS, { ...bias, values });
}
