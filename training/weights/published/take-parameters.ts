import type { ParameterSpec } from '../../networks/scope.js';
import { type Parameter, type Parameters, storedShape } from '../parameters.js';
import { type Fate, type Layout, NOT_ASKED, type PublishedTensor } from './layout.js';

/** What became of every tensor of a checkpoint and where every parameter came from, by name. */
export interface TakeReport {
  /** `note`: where less than the tensor was taken. */
  readonly taken: readonly {
    readonly key: string;
    readonly names: readonly string[];
    readonly note?: string;
  }[];
  /** Known and not needed. */
  readonly left: readonly { readonly key: string; readonly why: string }[];
  /** Parameters of the network that no tensor fills, by the checkpoint's names where the layout tells them. */
  readonly missing: readonly string[];
  /** Tensors that the layout does not have. */
  readonly extra: readonly string[];
  readonly wrongShape: readonly {
    readonly key: string;
    readonly name: string;
    readonly shape: readonly number[];
    readonly expected: readonly number[];
  }[];
  /** Parameters that two tensors would fill. */
  readonly twice: readonly string[];
  /** Taken tensors that hold NaN or infinity. */
  readonly notFinite: readonly string[];
  /** Numbers of another type than float32 that were taken: how many tensors, and whether every value stayed the same. */
  readonly converted: readonly { readonly type: string; readonly tensors: number; readonly exact: boolean }[];
}

/**
 * Takes a network's parameters out of a published checkpoint. Only tensors of the expected shape are read, so what is
 * allocated is bounded by the network, not by the file.
 * @returns the parameters, complete only where the report has nothing missing, of wrong shape, twice or not finite.
 */
export function takeParameters(
  tensors: readonly PublishedTensor[],
  layout: Pick<Layout, 'fate' | 'keyOf'>,
  specs: readonly ParameterSpec[],
): { parameters: Parameters; report: TakeReport } {
  const wanted = new Map(specs.map((spec) => [spec.name, spec]));
  const parameters = new Map<string, Parameter>();
  const report: {
    taken: { key: string; names: readonly string[]; note?: string }[];
    left: { key: string; why: string }[];
    extra: string[];
    wrongShape: { key: string; name: string; shape: readonly number[]; expected: readonly number[] }[];
    twice: string[];
    notFinite: string[];
  } = { taken: [], left: [], extra: [], wrongShape: [], twice: [], notFinite: [] };
  const types = new Map<string, { tensors: number; exact: boolean }>();
  const seen = new Set<string>();
  for (const tensor of tensors) {
    const { key } = tensor;
    const fate = layout.fate(tensor);
    if (fate === undefined) report.extra.push(key);
    if (fate?.kind === 'leave') report.left.push({ key, why: fate.why });
    if (fate?.kind !== 'take') continue;
    const targets = fate.names.map((name) => wanted.get(name)).filter((spec) => spec !== undefined);
    if (targets.length === 0) {
      const why = NOT_ASKED[fate.names[0]?.split('.')[0] ?? ''];
      if (why === undefined) report.extra.push(key);
      else report.left.push({ key, why });
      continue;
    }
    const fits: ParameterSpec[] = [];
    for (const spec of targets) {
      if (seen.has(spec.name)) report.twice.push(spec.name);
      seen.add(spec.name);
      const { shape } = tensor.view;
      const expected = storedShape(spec.shape);
      if (takenShape(shape, fate).join() === expected.join()) fits.push(spec);
      else report.wrongShape.push({ key, name: spec.name, shape, expected });
    }
    const [first] = fits;
    if (first === undefined) continue;
    const values = tensor.floats().slice(
      0,
      first.shape.reduce((a, b) => a * b, 1),
    );
    if (fate.factor !== undefined) for (const i of values.keys()) values[i] = (values[i] ?? 0) * fate.factor;
    if (fate.reversed === true) reverseInputs(values, tensor.view.shape);
    if (!values.every(Number.isFinite)) report.notFinite.push(key);
    // Copies: each parameter is trained on its own.
    for (const spec of fits)
      parameters.set(spec.name, { spec, values: spec === first ? values : values.slice() });
    const note = takenShape(tensor.view.shape, fate) === tensor.view.shape ? undefined : fate.rows?.why;
    report.taken.push({ key, names: fits.map(({ name }) => name), ...(note !== undefined && { note }) });
    count(types, tensor);
  }
  const unseen = specs.filter(({ name }) => !seen.has(name)).map(({ name }) => name);
  const missing = unseen.map((name) => layout.keyOf?.(name) ?? name);
  const converted = [...types].map(([type, of]) => ({ type, ...of }));
  return { parameters, report: { ...report, missing, converted } };
}

/** The input channels of a filter [out, in, height, width] in the opposite order, in place. */
function reverseInputs(values: Float32Array, [, inputs = 1, height = 1, width = 1]: readonly number[]): void {
  const plane = height * width;
  for (let filter = 0; filter < values.length; filter += inputs * plane) {
    const stored = values.slice(filter, filter + inputs * plane);
    for (let i = 0; i < inputs; i++)
      values.set(stored.subarray((inputs - 1 - i) * plane, (inputs - i) * plane), filter + i * plane);
  }
}

function takenShape(
  shape: readonly number[],
  { rows, depthwise }: Extract<Fate, { kind: 'take' }>,
): readonly number[] {
  const [channels, one, ...kernel] = shape;
  if (depthwise === true && channels !== undefined && one === 1) return [one, channels, ...kernel];
  return rows !== undefined && shape[0] === rows.of ? [rows.first, ...shape.slice(1)] : shape;
}

function count(
  types: Map<string, { tensors: number; exact: boolean }>,
  { view: { storage } }: PublishedTensor,
): void {
  const { name, exact } = storage.type;
  if (name !== 'float32') types.set(name, { tensors: (types.get(name)?.tensors ?? 0) + 1, exact });
}
