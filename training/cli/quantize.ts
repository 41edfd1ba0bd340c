import os from 'node:os';
import path from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import { checkModelOutput } from '../../models/model-output.js';
import { loadModel } from '../../models/model-store.js';
import { addCameraFlags } from '../../msgs/camera/camera-flags.js';
import type { CameraSettings } from '../../msgs/camera/camera-settings.js';
import { TrainingError } from '../errors.js';
import type { RangeMethod } from '../quantization/value-range.js';
import { count, number, threads } from './numbers.js';

interface QuantizeFlags extends CameraSettings {
  output: string;
  overwrite?: boolean;
  calibrate: string[];
  pictures: number;
  ranges: RangeMethod;
  goal: number;
  mostFloat: number;
  float?: string[];
  threads: number;
}

/** `rxdepth model quantize`, as a command of the group `model`. */
export function registerQuantize(
  model: Command,
  folderOf: (version: string | undefined) => Promise<string>,
): void {
  const command = model
    .command('quantize')
    .description(
      'Copy a version whose convolutions compute in 8 bits: about twice as fast on CPUs with VNNI or dot-product ' +
        'instructions. Ranges come from recorded pictures; the layers that rounding hurts most stay in float.',
    )
    .argument('[version]', 'NAME/N, N of the current name, or a model folder (default: the current version)')
    .requiredOption('-o, --output <folder>', 'model folder to write')
    .option('--overwrite', 'replace the model folder that is there')
    .requiredOption(
      '--calibrate <bag...>',
      'recorded drives like those that the model will see; no truth is needed',
    );
  addCameraFlags(command, ' in the drives')
    .option('--pictures <n>', 'pictures to calibrate on, taken evenly from the bags', count, 48)
    .option('--ranges <mse|percentile:P>', 'how the ranges of activations are chosen', rangeMethod, {
      kind: 'mse',
    } as const)
    .option(
      '--goal <x>',
      'change of the outputs to come below: mean |log depth ratio| plus share of pixels of another class',
      number,
      0.03,
    )
    .option('--most-float <share>', 'share of the convolutions that may stay in float', number, 0.35)
    .option(
      '--float <layer...>',
      'convolutions that stay in float, or a model of the same network in 8 bits that has them; none are looked for then',
    )
    .option('--threads <n>', "onnxruntime's threads", threads, os.availableParallelism())
    .action(async (version: string | undefined, flags: QuantizeFlags) => {
      requireOneChoice(command);
      const { calibrationPictures } = await import('../quantization/calibration-pictures.js');
      const { givenFloatLayers } = await import('../quantization/given-float-layers.js');
      const { quantizeModel, requireFloat } = await import('../quantization/quantize-model.js');
      const loaded = await loadModel(await folderOf(version));
      const place = {
        folder: flags.output,
        overwrite: flags.overwrite,
        inputs: [
          [loaded.folder, 'the model'],
          ...flags.calibrate.map((bag) => [bag, 'a drive'] as const),
        ] as const,
      };
      // Before minutes of work.
      await checkModelOutput(place.folder, place);
      requireFloat(loaded);
      const float = flags.float && (await givenFloatLayers(loaded, flags.float));
      const pictures = await calibrationPictures(flags.calibrate, flags.pictures, flags);
      await quantizeModel(loaded, {
        place,
        pictures,
        calibration: flags.calibrate.map((bag) => path.basename(path.resolve(bag))).join(', '),
        command: commandOf(loaded.folder, flags, float),
        ranges: flags.ranges,
        goal: flags.goal,
        mostFloat: flags.mostFloat,
        ...(float && { float }),
        threads: flags.threads,
        report: (line) => process.stderr.write(`${line}\n`),
      });
      process.stdout.write(`${flags.output}\n`);
    });
}

/** @throws TrainingError where layers are both named and looked for. */
function requireOneChoice(command: Command): void {
  if (command.getOptionValueSource('float') === undefined) return;
  for (const [option, flag] of [
    ['goal', '--goal'],
    ['mostFloat', '--most-float'],
  ] as const) {
    if (command.getOptionValueSource(option) !== 'cli') continue;
    throw new TrainingError(
      `--float names the layers that stay in float, so that none are looked for, which ${flag} is about: leave one of them out`,
      { field: flag },
    );
  }
}

/** What makes the same graph again, for the manifest. */
function commandOf(
  folder: string,
  { calibrate, pictures, ranges, goal, mostFloat }: QuantizeFlags,
  float: readonly string[] | undefined,
): string {
  const bags = calibrate.map((bag) => path.basename(path.resolve(bag))).join(' ');
  const how = ranges.kind === 'mse' ? '' : ` --ranges percentile:${ranges.percent}`;
  const layers = float ? `--float ${float.join(' ')}` : `--goal ${goal} --most-float ${mostFloat}`;
  return `rxdepth model quantize ${path.basename(folder)} --calibrate ${bags} --pictures ${pictures}${how} ${layers}`;
}

function rangeMethod(text: string): RangeMethod {
  if (text === 'mse') return { kind: 'mse' };
  const percent = Number(/^percentile:([\d.]+)$/.exec(text)?.[1]);
  if (percent > 50 && percent <= 100) return { kind: 'percentile', percent };
  throw new InvalidArgumentError(
    'expected `mse`, or `percentile:P` with P between 50 and 100, for example `percentile:99.99`.',
  );
}
