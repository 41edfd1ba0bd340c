import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import { TrainingError } from '../errors.js';
import { type Checkpoint, readCheckpoint } from '../weights/pytorch/read-checkpoint.js';
import { parsePrecision } from './precision.js';

interface Flags {
  readonly output: string;
  readonly layout?: 'sgdepth' | 'monodepth2';
  readonly name?: string;
  readonly license: string;
  readonly width?: number;
  readonly height?: number;
  readonly classes: 'cityscapes' | 'none';
  readonly focal?: number;
  readonly metersPerUnit?: number;
  readonly precision: 'F32' | 'F16';
}

const DESCRIPTION =
  'Import a published PyTorch checkpoint (SGDepth or Monodepth2, ResNet-18) as a model folder. The files are read without ' +
  'executing anything in them. Prints what was taken, left out, missing and extra.';

/** `rxdepth import`. */
export function register(program: Command): void {
  program
    .command('import')
    .description(DESCRIPTION)
    .argument(
      '<checkpoint...>',
      '.pth files, or a folder of them: one file of SGDepth; encoder.pth and depth.pth of Monodepth2',
    )
    .requiredOption('-o, --output <folder>', 'model folder to write; one that is there is replaced')
    .option(
      '--layout <sgdepth|monodepth2>',
      'layout of the files (default: found out)',
      oneOf('sgdepth', 'monodepth2'),
    )
    .option('--name <name>', 'name of the model (default: that of the layout)')
    .option(
      '--license <text>',
      'licence of the weights, for the manifest',
      'unknown: ask the publisher of the weights',
    )
    .option(
      '--width <pixels>',
      'width the network was trained at (default: as the files say, else 640)',
      size,
    )
    .option(
      '--height <pixels>',
      'height the network was trained at (default: as the files say, else 192)',
      size,
    )
    .option(
      '--classes <cityscapes|none>',
      'whether the segmentation is imported, where there is one; `none` for models whose segmentation was never trained',
      oneOf('cityscapes', 'none'),
      'cityscapes',
    )
    .option(
      '--focal <pixels>',
      'focal length of the training cameras at the network size (default: 0.58 of the width, KITTI)',
      positive,
    )
    .option(
      '--meters-per-unit <metres>',
      'metres per unit of depth, where known: 5.4 for Monodepth2 trained with stereo pairs (default: relative depth)',
      positive,
    )
    .option('--precision <F32|F16>', 'how the weights are stored', parsePrecision, 'F32')
    .action(run);
}

async function run(inputs: readonly string[], flags: Flags): Promise<void> {
  const { openPublished } = await import('../weights/published/open-published.js');
  const { importModel } = await import('../weights/published/import-model.js');
  const { reportText } = await import('../weights/published/report-text.js');
  const { canonicalFocalPixels } = await import('../runs/run-options.js');
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
  const { manifest, report } = await importModel({
    ...{ published, width, height },
    folder: flags.output,
    name: flags.name ?? layout.name,
    license: flags.license,
    precision: flags.precision,
    segmentation: layout.segmentation && flags.classes !== 'none',
    focalPixels: flags.focal ?? canonicalFocalPixels(width),
    ...(metersPerUnit !== undefined && { metersPerUnit }),
    command: `rxdepth import ${inputs.map((input) => path.basename(input)).join(' ')} --layout ${layout.name}`,
    data: described.join(', '),
  });
  const hint =
    published.stereo && metersPerUnit === undefined
      ? 'hint: the files say that it was trained with stereo pairs: with `--meters-per-unit 5.4` its depth is metric\n'
      : '';
  const depth = manifest.depth.metric ? 'metric depth' : 'relative depth';
  const classes = manifest.classes.length === 0 ? 'no segmentation' : `${manifest.classes.length} classes`;
  process.stdout.write(
    `${layout.title}, ${width}x${height}, ${depth}, ${classes}\n${reportText(report)}\n${hint}${flags.output}\n`,
  );
}

/** The files named, and the `.pth` files of folders. */
async function checkpointFiles(inputs: readonly string[]): Promise<string[]> {
  const files: string[] = [];
  for (const input of inputs) {
    const found = await stat(input).catch((cause: unknown) => {
      throw new TrainingError(`${input} cannot be read: ${(cause as Error).message}.`, { cause });
    });
    if (!found.isDirectory()) {
      files.push(input);
      continue;
    }
    // Optimizer states and the like lie beside the weights.
    const names = (await readdir(input)).filter((name) => WEIGHT_FILES.has(name)).sort();
    if (names.length === 0)
      throw new TrainingError(
        `${input} holds none of ${[...WEIGHT_FILES].map((name) => `\`${name}\``).join(', ')}.`,
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
    throw new TrainingError(`${file} cannot be read: ${(cause as Error).message}.`, { cause });
  }
}

function oneOf<T extends string>(...values: readonly T[]): (text: string) => T {
  return (text) => {
    const value = values.find((candidate) => candidate === text);
    if (value === undefined)
      throw new InvalidArgumentError(`expected ${values.map((v) => `\`${v}\``).join(' or ')}, got ${text}`);
    return value;
  };
}

function positive(text: string): number {
  const value = Number(text);
  if (!(value > 0 && Number.isFinite(value)))
    throw new InvalidArgumentError(`expected a positive number, got ${text}`);
  return value;
}

function size(text: string): number {
  const value = positive(text);
  if (!isNetworkSize(value))
    throw new InvalidArgumentError(`expected a multiple of \`32\` from 64 to 8192, got ${text}`);
  return value;
}

/** The coarsest features have 1/32 of the size, and reflection padding needs two of them in each direction. */
function isNetworkSize(value: number): boolean {
  return value % 32 === 0 && value >= 64 && value <= 8192;
}

function multipleOf32(value: number, what: string): number {
  if (isNetworkSize(value)) return value;
  throw new TrainingError(
    `The files give the ${what} ${value}; expected a multiple of \`32\` from 64 to 8192. Give --${what}.`,
  );
}
