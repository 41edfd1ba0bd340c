import path from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import { checkModelOutput } from '../../models/model-output.js';
import { TrainingError } from '../errors.js';
import { type ImportFlags, isNetworkSize, modelSummary } from './import-flags.js';
import { parsePrecision } from './precision.js';

const DESCRIPTION =
  'Make a model folder of networks that others trained: any monocular depth or segmentation network in ONNX, by a ' +
  'description (YAML), or a published PyTorch checkpoint (SGDepth or Monodepth2, ResNet-18; S2R-DepthNet). Nothing in the files is ' +
  'executed but the network. See docs/import.md.';

/** `rxdepth model import`, as a command of the group `model`. */
export function register(model: Command): void {
  model
    .command('import')
    .description(DESCRIPTION)
    .argument(
      '<file...>',
      'a description (.yaml, .json) of ONNX files; or .pth files or a folder of them: one of SGDepth, encoder.pth and ' +
        'depth.pth of Monodepth2; the four of S2R-DepthNet; one of DADA',
    )
    .requiredOption('-o, --output <folder>', 'model folder to write')
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
    .option('--precision <F32|F16>', 'checkpoints: how the weights are stored (default: F32)', parsePrecision)
    .action(run);
}

async function run(inputs: readonly string[], flags: ImportFlags): Promise<void> {
  const [first = ''] = inputs;
  if (/\.onnx$/i.test(first)) {
    const { describeOnnx } = await import('../onnx/describe-onnx.js');
    throw new TrainingError(await describeOnnx(first));
  }
  if (!/\.(ya?ml|json)$/i.test(first)) {
    const { importCheckpoint } = await import('./import-checkpoint.js');
    return await importCheckpoint(inputs, flags);
  }
  const { output, overwrite, ...others } = flags;
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
  const files = new Set([first, description.depth?.onnx, description.segmentation?.onnx]);
  const sources = [...files].flatMap((file) => (file === undefined ? [] : [[file, 'the file'] as const]));
  const place = { folder: output, overwrite, inputs: sources };
  await checkModelOutput(output, place);
  const { manifest, report } = await importOnnx({ ...place, description, command });
  process.stdout.write(`${[modelSummary(manifest), ...report, output].join('\n')}\n`);
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
