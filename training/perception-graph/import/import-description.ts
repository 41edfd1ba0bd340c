import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { messageOf } from '../../../msgs/message-of.js';
import { yamlNesting } from '../../../msgs/yaml-nesting.js';
import { TrainingError } from '../../errors.js';
import {
  type DepthImport,
  type ImportDescription,
  importSchema,
  isModelPart,
  type ModelPart,
} from './import-schema.js';
import { labelHeads } from './label-heads.js';

/** Far deeper than a description goes: readers of YAML recurse. */
const MOST_NESTING = 100;

/**
 * Reads a description, YAML or JSON; the names of ONNX files and model folders become paths.
 * @throws TrainingError naming the file and every field that is missing or wrong.
 */
export async function readImportDescription(file: string): Promise<ImportDescription> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new TrainingError(`${file} cannot be read: ${messageOf(cause)}.`, { file, cause });
  });
  if (yamlNesting(text) > MOST_NESTING)
    throw new TrainingError(`${file} nests its values too deeply for a description of a model.`, { file });
  let value: unknown;
  try {
    value = parse(text);
  } catch (cause) {
    throw new TrainingError(`${file} is neither YAML nor JSON: ${messageOf(cause)}`, { file, cause });
  }
  const result = importSchema(value).safeParse(value);
  if (!result.success)
    throw new TrainingError(
      `${file} is not a valid description of a model:\n${z.prettifyError(result.error)}`,
      { field: result.error.issues[0]?.path.join('.'), file },
    );
  const { depth, segmentation } = result.data;
  const placed = <T extends { readonly onnx: string }>(part: T | ModelPart): T | ModelPart => {
    if (!isModelPart(part)) return { ...part, onnx: beside(file, part.onnx) };
    const folder = beside(file, part.model);
    return { model: existsSync(folder) ? folder : part.model };
  };
  if (depth !== undefined && !isModelPart(depth)) checkDepth(file, depth);
  try {
    if (segmentation !== undefined && !isModelPart(segmentation)) labelHeads(segmentation);
  } catch (cause) {
    if (!(cause instanceof TrainingError)) throw cause;
    throw new TrainingError(`${file}: \`segmentation\`: ${cause.message}.`, { cause });
  }
  return {
    ...result.data,
    ...(depth && { depth: placed(depth) }),
    ...(segmentation && { segmentation: placed(segmentation) }),
  };
}

function beside(file: string, other: string): string {
  return path.resolve(path.dirname(file), other);
}

/** A network that is only affine-invariant says nothing in metres. */
function checkDepth(file: string, { values, metric }: DepthImport): void {
  if (values.meaning === 'disparity' && values.minMeters >= values.maxMeters)
    throw new TrainingError(`${file}: \`depth.values\`: expected \`minMeters < maxMeters\`.`, { file });
  if (values.meaning !== 'affine-inverse-depth' && values.meaning !== 'affine-depth') return;
  if ((values.scale === undefined) !== (values.shift === undefined))
    throw new TrainingError(`${file}: \`depth.values\`: give both \`scale\` and \`shift\`, or neither.`, {
      file,
    });
  if (metric && values.scale === undefined) {
    throw new TrainingError(
      `${file}: \`depth.values\` is ${values.meaning}: it can be \`metric: true\` only with \`scale\` and \`shift\`.`,
      { file },
    );
  }
  if (values.scale === 0)
    throw new TrainingError(`${file}: \`depth.values.scale\`: expected a number other than 0.`, { file });
}
