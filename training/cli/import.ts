import path from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import { checkModelOutput } from '../../models/model-output.js';
import { TrainingError } from '../errors.js';
import { tellTrial } from './guarded-import.js';
import { type ImportFlags, isNetworkSize, modelSummary } from './import-flags.js';
import { positive } from './numbers.js';
import { parsePrecision } from './precision.js';

const DESCRIPTION =
  'Make a model folder of networks that others trained: any monocular depth or segmentation network in ONNX, by a ' +
  'description (YAML), or a published PyTorch checkpoint (SGDepth or Monodepth2, ResNet-18; S2R-DepthNet; DADA). Nothing in the files is ' +
  'executed but the network. See docs/import.md.';

/** More than networks take that are of any use here, on a small computer. */
const TRIAL_SECONDS = 60;

/** `rxdepth model import`, as a command of the group `model`. */
export function register(model: Command): void {
  model
    .command('import')
    .description(DESCRIPTION)
    .argument(
      '<file...>',
      'a description (.yaml, .json) of ONNX files; an .onnx file, to print a description to start from; or .pth files or a folder of them: one of SGDepth, encoder.pth and ' +
        'depth.pth of Monodepth2; the four of S2R-DepthNet; one of DADA',
    )
    .option(
      '-o, --output <folder>',
      'model folder to write (not for an ONNX file, of which a description is printed)',
    )
    .option('--overwrite', 'replace the model folder that is there')
    .option(
      '--layout <sgdepth|monodepth2|s2r-depthnet|dada>',
      'checkpoints: layout of the files (default: found out)',
      oneOf('sgdepth', 'monodepth2', 's2r-depthnet', 'dada'),
    )
    .option('--name <name>', 'checkpoints: name of the model (default: that of the layout)')
    .option('--license <text>', 'checkpoints: licence of the weights, for the manifest (default: unknown)')
    .option(
      '--width <pixels>',
      'checkpoints: width the network was trained at (default: as the files say, else 640)',
      size,
    )
    .option(
      '--height <pixels>',
      'checkpoints: height the network was trained at (default: as the files say, else 192)',
      size,
    )
    .option(
      '--classes <cityscapes|none>',
      'checkpoints: whether the segmentation is imported, where there is one (default: cityscapes); `none` for models whose segmentation was never trained',
      oneOf('cityscapes', 'none'),
    )
    .option(
      '--focal <pixels>',
      'checkpoints: focal length of the training cameras at the network size (default: 0.58 of the width, KITTI)',
      positive,
    )
    .option(
      '--meters-per-unit <metres>',
      'checkpoints: metres per unit of depth, where known: 5.4 for Monodepth2 trained with stereo pairs (default: relative depth)',
      positive,
    )
    .option(
      '--trial-seconds <seconds>',
      'descriptions: how long a network may take to open, and for each of five pictures (default: 60)',
      positive,
    )
    .option('--precision <F32|F16>', 'checkpoints: how the weights are stored (default: F32)', parsePrecision)
    .action(run);
}

async function run(inputs: readonly string[], flags: ImportFlags): Promise<void> {
  const [first = ''] = inputs;
  if (/\.onnx$/i.test(first)) return await suggest(inputs, flags);
  const { output: folder } = flags;
  if (folder === undefined)
    throw new TrainingError(
      'expected `-o FOLDER`, the model folder to write; only for an ONNX file, which is described, it may be left out.',
    );
  if (!/\.(ya?ml|json)$/i.test(first)) {
    const { importCheckpoint } = await import('./import-checkpoint.js');
    return await importCheckpoint(inputs, { ...flags, output: folder });
  }
  const { output: _, overwrite, trialSeconds = TRIAL_SECONDS, ...others } = flags;
  const given = Object.keys(others).map(
    (name) => `--${name.replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`)}`,
  );
  if (inputs.length > 1 || given.length > 0) {
    const extra = [...inputs.slice(1), ...given].map((text) => `\`${text}\``).join(', ');
    throw new TrainingError(`${first} describes a whole model; leave out ${extra}.`, { file: first });
  }
  const { readImportDescription } = await import('../perception-graph/import/import-description.js');
  const { importOnnx } = await import('../perception-graph/import/import-onnx.js');
  const description = await readImportDescription(first);
  const command = `rxdepth model import ${path.basename(first)}`;
  const parts = [description.depth, description.segmentation].filter((part) => part !== undefined);
  const sources = [
    [first, 'the file'] as const,
    // A version of a model is no path.
    ...parts
      .map((part) => ('onnx' in part ? part.onnx : part.model))
      .filter((file) => path.isAbsolute(file))
      .map((file) => [file, 'what it is made from'] as const),
  ];
  const place = { folder, overwrite, inputs: sources };
  await checkModelOutput(folder, place);
  const { manifest, report } = await importOnnx({
    ...{ ...place, description, command },
    onTrial: (step) => tellTrial(step, trialSeconds),
  });
  process.stdout.write(`${[modelSummary(manifest), ...report, folder].join('\n')}\n`);
}

/** Prints what an ONNX file has, and a description to start from. */
async function suggest(inputs: readonly string[], { output, ...flags }: ImportFlags): Promise<void> {
  const [file = ''] = inputs;
  if (output !== undefined || inputs.length > 1 || Object.keys(flags).length > 0) {
    throw new TrainingError(
      `${file} alone does not say how it wants its images and what its numbers mean: describe it first. ` +
        `\`rxdepth model import ${file} > ${file.replace(/\.onnx$/i, '')}.yaml\` makes a description to start from (docs/import.md).`,
    );
  }
  const { suggestDescription } = await import('../perception-graph/import/suggest-description.js');
  process.stdout.write(await suggestDescription(file));
}

function oneOf<T extends string>(...values: readonly T[]): (text: string) => T {
  return (text) => {
    const value = values.find((candidate) => candidate === text);
    if (value === undefined)
      throw new InvalidArgumentError(`expected ${values.map((v) => `\`${v}\``).join(' or ')}, got ${text}`);
    return value;
  };
}

function size(text: string): number {
  const value = positive(text);
  if (!isNetworkSize(value))
    throw new InvalidArgumentError(`expected a multiple of \`32\` from 64 to 8192, got ${text}`);
  return value;
}
