import path from 'node:path';
import { type OnnxFile, readOnnxFile } from './onnx-file.js';
import type { ForeignValue } from './read-model.js';
import { elementTypeOf } from './read-tensor.js';

/**
 * What an ONNX file's inputs and outputs are, and a description to start from: the file alone does not say how images
 * are normalised or what its numbers mean.
 */
export async function describeOnnx(file: string): Promise<string> {
  const { model }: OnnxFile = await readOnnxFile(file);
  const constants = new Set(model.graph.initializers.map(({ name }) => name));
  const inputs = model.graph.inputs.filter(({ name }) => !constants.has(name));
  const line = ({ name, shape, elementType }: ForeignValue) =>
    `  \`${name}\` ${elementTypeOf(elementType) ?? elementType} [${shape?.join(', ') ?? '?'}]`;
  const base = path.basename(file);
  return [
    `${file}: an ONNX file does not say how it wants its images and what its numbers mean.`,
    'Its inputs:',
    ...inputs.map(line),
    'Its outputs:',
    ...model.graph.outputs.map(line),
    `Write a description beside it, ${base.replace(/\.onnx$/, '')}.yaml (docs/import.md), and import that:`,
    '',
    `name: ${base
      .replace(/\.onnx$/, '')
      .toLowerCase()
      .replaceAll(/[^a-z0-9._-]+/g, '-')}`,
    'license: "of the weights"',
    'depth:',
    `  onnx: ${base}`,
    '  input: { fit: letterbox, mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] }',
    `  output: ${model.graph.outputs[0]?.name ?? ''}`,
    '  values: { meaning: affine-inverse-depth }',
    '  metric: false',
  ].join('\n');
}
