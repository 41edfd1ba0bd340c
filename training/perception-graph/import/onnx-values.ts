import { TrainingError } from '../../errors.js';
import type { OnnxFile } from '../../onnx/onnx-file.js';
import type { ForeignValue } from '../../onnx/read-model.js';

/** Inputs that have no value of their own in the file. */
export function runtimeInputs({ model }: OnnxFile): ForeignValue[] {
  const { initializers, unreadable } = model.graph;
  const constants = new Set([...initializers.map((constant) => constant.name), ...unreadable.keys()]);
  return model.graph.inputs.filter((candidate) => !constants.has(candidate.name));
}

/** Values with their shapes, for messages. */
export function listOf(values: readonly ForeignValue[]): string {
  const list = values.map((value) => `\`${value.name}\` [${value.shape?.join(', ') ?? 'unknown'}]`);
  return list.join(', ') || 'none';
}

/** The value of a name, or the only one. @throws TrainingError listing what there is. */
export function choose(
  values: readonly ForeignValue[],
  name: string | undefined,
  what: string,
): ForeignValue {
  if (name === undefined) {
    const [only] = values;
    if (only !== undefined && values.length === 1) return only;
    throw new TrainingError(`${what}: name one of ${listOf(values)}.`);
  }
  const found = values.find((value) => value.name === name);
  if (found !== undefined) return found;
  throw new TrainingError(`${what}: there is no \`${name}\`; the file has ${listOf(values)}.`);
}
