import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { checkModelOutput } from '../../models/model-output.js';
import { messageOf } from '../../msgs/message-of.js';
import { canonicalFocalPixels } from '../datasets/batches/canonical-focal-pixels.js';
import { TrainingError } from '../errors.js';
import { importDada, SYNTHIA_FOCAL_PIXELS } from '../perception-graph/import/import-dada.js';
import { importModel } from '../perception-graph/import/import-published.js';
import { openPublished } from '../weights/published/open-published.js';
import { reportText } from '../weights/published/report-text.js';
import { type Checkpoint, readCheckpoint } from '../weights/pytorch/read-checkpoint.js';
import { type ImportFlags, isNetworkSize, modelSummary } from './import-flags.js';

const UNKNOWN_LICENSE = 'unknown: ask the publisher of the weights';

/** Imports a published PyTorch checkpoint and prints what was taken. */
export async function importCheckpoint(
  inputs: readonly string[],
  flags: ImportFlags & { readonly output: string },
): Promise<void> {
  const place = {
    ...{ folder: flags.output, overwrite: flags.overwrite },
    inputs: inputs.map((input) => [input, 'the checkpoint'] as const),
  };
  await checkModelOutput(flags.output, place);
  const files = new Map<string, Checkpoint>();
  const described: string[] = [];
  for (const file of await checkpointFiles(inputs)) {
    const bytes = await readBytes(file);
    files.set(file, readCheckpoint(bytes, file));
    described.push(`${path.basename(file)} (sha256 ${createHash('sha256').update(bytes).digest('hex')})`);
  }
  const published = openPublished(files, flags.layout);
  const { layout } = published;
  const width = flags.width ?? multipleOf32(published.width, 'width');
  const height = flags.height ?? multipleOf32(published.height, 'height');
  const { metersPerUnit } = flags;
  const { manifest, report } = await (layout.name === 'dada' ? importDada : importModel)({
    ...{ published, width, height },
    ...place,
    name: flags.name ?? layout.name,
    license: flags.license ?? UNKNOWN_LICENSE,
    precision: flags.precision ?? 'F32',
    segmentation: layout.segmentation && flags.classes !== 'none',
    focalPixels: flags.focal ?? (layout.name === 'dada' ? SYNTHIA_FOCAL_PIXELS : canonicalFocalPixels(width)),
    ...(metersPerUnit !== undefined && { metersPerUnit }),
    command: `rxdepth model import ${inputs.map((input) => path.basename(input)).join(' ')} --layout ${layout.name}`,
    data: described.join(', '),
  });
  const hint =
    published.stereo && metersPerUnit === undefined
      ? 'hint: the files say that it was trained with stereo pairs: with `--meters-per-unit 5.4` its depth is metric\n'
      : '';
  process.stdout.write(
    `${layout.title}, ${width}x${height}, ${modelSummary(manifest)}\n${reportText(report)}\n${hint}${flags.output}\n`,
  );
}

/** The files named, and the `.pth` files of folders. */
async function checkpointFiles(inputs: readonly string[]): Promise<string[]> {
  const files: string[] = [];
  for (const input of inputs) {
    const found = await stat(input).catch((cause: unknown) => {
      throw new TrainingError(`${input} cannot be read: ${messageOf(cause)}.`, {
        file: input,
        cause,
      });
    });
    if (!found.isDirectory()) {
      if (!found.isFile()) throw new TrainingError(`${input} is no regular file.`, { file: input });
      files.push(input);
      continue;
    }
    // Optimizer states and the like lie beside the weights.
    const names = (await readdir(input)).filter((name) => WEIGHT_FILES.has(name)).sort();
    if (names.length === 0)
      throw new TrainingError(
        `${input} holds none of ${[...WEIGHT_FILES].map((name) => `\`${name}\``).join(', ')}.`,
        { file: input },
      );
    files.push(...names.map((name) => path.join(input, name)));
  }
  return [...new Set(files)];
}

const WEIGHT_FILES: ReadonlySet<string> = new Set([
  'model.pth',
  'encoder.pth',
  'depth.pth',
  'pose_encoder.pth',
  'pose.pth',
]);

async function readBytes(file: string): Promise<Uint8Array> {
  try {
    return await readFile(file);
  } catch (cause) {
    throw new TrainingError(`${file} cannot be read: ${messageOf(cause)}.`, { file, cause });
  }
}

function multipleOf32(value: number, what: string): number {
  if (isNetworkSize(value)) return value;
  throw new TrainingError(
    `The files give the ${what} ${value}; expected a multiple of \`32\` from 64 to 8192. Give --${what}.`,
  );
}
