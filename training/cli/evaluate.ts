import { type Command, Option } from 'commander';
import { DEVICE_CHOICES } from '../../models/device.js';
import { addCameraFlags } from '../../msgs/camera/camera-flags.js';
import { CROP_NAMES } from '../datasets/files/crop.js';
import { TrainingError } from '../errors.js';
import type { BagFlags, DatasetFlags } from './evaluate-flags.js';
import { count, positive } from './numbers.js';

type Flags = Omit<BagFlags, 'truth'> & Omit<DatasetFlags, 'dataset'> & { truth?: string; dataset?: string };

const DESCRIPTION =
  'Depth and segmentation against truth. Either what a replay wrote against the recorded drive (OUTPUT --truth BAG: a LiDAR or ' +
  'the simulator), or a model on a data set (--dataset, --model). Figures are explained in docs/evaluation.md.';

const DATASETS =
  'run a model on: kitti-raw:ROOT[?split=FILE&truth=lidar|lidar-monodepth2|improved&improved=FOLDER], kitti-2015:ROOT, ' +
  'cityscapes:ROOT[?subset=train|val&depth=disparity], virtual-kitti:ROOT[?version=1|2&variation=clone+fog&camera=0|1], nyuv2:ROOT[?subset=test|train], make3d:ROOT[?subset=test|train&errors=C1|C2], synthia:ROOT, vistas:ROOT[?subset=training|validation] and camvid:ROOT (7 classes), ' +
  'bag:PATH[?lidar=TOPIC&depth=TOPIC&labels=TOPIC&every=N&image=TOPIC&camera_info=TOPIC&camera_kind=raw|rectified' +
  '&intrinsics=fx,fy,cx,cy&bit_depth=N&max_pixels=N], ' +
  'simulator:DOMAIN[?frames=40&seed=0&width=1242&height=375&rate=10&focal=PIXELS]; ' +
  'published data sets also take missing=allow, which leaves out what is not on the disk';

/** `rxdepth evaluate`. */
export function register(program: Command): void {
  const command = program
    .command('evaluate')
    .summary('measure depth and labels against truth')
    .description(DESCRIPTION)
    .argument('[output]', 'the bag that `rxdepth replay` wrote: a folder, .mcap or .db3 file')
    .option('--dataset <spec>', DATASETS)
    .option(
      '--model <model>',
      'with --dataset: model folder, or version as NAME/N (default: the current version)',
    )
    .option('--split <file>', 'with --dataset kitti-raw: list of frames, as `?split=FILE`')
    .addOption(
      new Option('--device <device>', 'with --dataset: where the model runs')
        .choices([...DEVICE_CHOICES])
        .default('auto'),
    )
    .option('--limit <n>', 'with --dataset: only the first n pictures', count)
    .option(
      '--against <model>',
      'with --dataset: another model, for the negative transfer rate: the share of images whose mIoU falls below its',
    )
    .option('--truth <bag>', 'with OUTPUT: the bag with the truth, as a rule the one that was replayed')
    .option('--lidar <topic>', 'PointCloud2 topic with the truth (default: the only one)')
    .option(
      '--truth-depth <topic>',
      'image topic with the true depth (default: /camera/depth if there is one)',
    )
    .option('--truth-labels <topic>', 'image topic with the true labels, mono8 trainIds', '/camera/labels')
    .option(
      '--depth <topic>',
      'depth topic to evaluate, 32FC1 metres or 16UC1 millimetres',
      '/rxdepth/depth/image',
    )
    .option('--labels <topic>', 'label topic to evaluate, mono8 trainIds', '/rxdepth/segmentation/labels')
    .option(
      '--confidence <topic>',
      'confidence topic to evaluate where it is there, 32FC1, 0 to 1',
      '/rxdepth/depth/confidence',
    );
  addCameraFlags(command, ' in the truth bag')
    .option(
      '--cap <metres>',
      'truth beyond this does not count, predictions are cut to it (default: 80; 10 for nyuv2, 70 or 80 for make3d)',
      positive,
    )
    .addOption(
      new Option(
        '--crop <name>',
        'part of the image that counts (default: garg; none for kitti-2015 and improved truth; nyuv2 and make3d have their own)',
      ).choices([...CROP_NAMES]),
    )
    .addOption(
      new Option(
        '--median-scaling <switch>',
        'scale each prediction by median(truth) / median(prediction) (default: on; off for nyuv2 and make3d)',
      ).choices(['on', 'off']),
    )
    .option('--json <file>', 'write all figures, of every image too, to this file')
    .option('--pictures <folder>', 'write panels (camera, prediction, truth, errors) to this folder')
    .option('--panel-every <n>', 'a panel for every n-th image (default: 10)', count)
    .addOption(new Option('--every <n>').argParser(count).hideHelp())
    .option('--overwrite', 'replace an earlier report, and earlier panels of the same names')
    .action(async (output: string | undefined, flags: Flags) => {
      const given = command.options
        .filter((option) => command.getOptionValueSource(option.attributeName()) === 'cli')
        .map((option) => ({ name: option.attributeName(), flag: option.long ?? option.flags }));
      process.stdout.write(`${await evaluate(output, flags, given)}\n`);
    });
}

/** Options that only a data set has, and that only the output of a replay has. */
const OF_DATASETS = ['model', 'split', 'device', 'limit', 'against'];
const OF_OUTPUTS = [
  ...['lidar', 'truthDepth', 'truthLabels', 'depth', 'labels', 'confidence'],
  ...['image', 'cameraInfo', 'cameraKind', 'intrinsics', 'bitDepth', 'maxPixels'],
];

/** @throws TrainingError naming what was given and would change nothing. */
function refuse(given: readonly GivenOption[], idle: readonly string[], counts: string): void {
  const odd = given.filter(({ name }) => idle.includes(name)).map(({ flag }) => `\`${flag}\``);
  if (odd.length > 0)
    throw new TrainingError(`${odd.join(', ')}: ${counts}; leave it out.`, { field: odd.join(', ') });
}

/** An option of the command line: its attribute, and as it is written. */
interface GivenOption {
  readonly name: string;
  readonly flag: string;
}

/** @param given options of the command line. */
async function evaluate(
  output: string | undefined,
  flags: Flags,
  given: readonly GivenOption[],
): Promise<string> {
  const { truth, dataset } = flags;
  if (output !== undefined && dataset === undefined) {
    if (truth === undefined)
      throw new TrainingError(`${output} needs something to be compared with: give \`--truth BAG\`.`, {
        file: output,
      });
    refuse(given, OF_DATASETS, 'counts with `--dataset`, for a model that is run, not for an output');
    const { evaluateOutput } = await import('./evaluate-output.js');
    return await evaluateOutput(output, { ...flags, truth });
  }
  if (output === undefined && dataset !== undefined) {
    if (truth !== undefined)
      throw new TrainingError('`--dataset` brings its own truth; leave `--truth` out.', {
        field: '--dataset',
      });
    refuse(given, OF_OUTPUTS, 'counts for the output of a replay, not with `--dataset`, whose SPEC says it');
    const { evaluateModel } = await import('./evaluate-model.js');
    return await evaluateModel({ ...flags, dataset });
  }
  throw new TrainingError(
    'Give either the output of a replay and its truth (`rxdepth evaluate OUTPUT --truth BAG`) or a data set ' +
      '(`rxdepth evaluate --model MODEL --dataset kitti-raw:ROOT`).',
  );
}
