import os from 'node:os';
import { type Command, InvalidArgumentError } from 'commander';
import { checkModelOutput } from '../../models/model-output.js';
import { loadModel } from '../../models/model-store.js';
import { addCameraFlags } from '../../msgs/camera/camera-flags.js';
import type { CameraSettings } from '../../msgs/camera/camera-settings.js';
import type { RangeMethod } from '../quantization/value-range.js';
import { integer, number } from './numbers.js';

interface QuantizeFlags extends CameraSettings {
  output: string;
  overwrite?: boolean;
  calibrate: string[];
  pictures: number;
  ranges: RangeMethod;
  goal: number;
  mostFloat: number;
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
    .option('--pictures <n>', 'pictures to calibrate on, taken evenly from the bags', integer, 48)
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
    .option('--threads <n>', "onnxruntime's threads", integer, os.availableParallelism())
    .action(async (version: string | undefined, flags: QuantizeFlags) => {
      const { calibrationPictures } = await import('../quantization/calibration-pictures.js');
      const { quantizeModel } = await import('../quantization/quantize-model.js');
      const loaded = await loadModel(await folderOf(version));
      const place = {
        folder: flags.output,
        overwrite: flags.overwrite,
        inputs: [
          [loaded.folder, 'the model'],
          ...flags.calibrate.map((bag) => [bag, 'a drive'] as const),
        ] as const,
      };
      await checkModelOutput(place.folder, place); // before minutes of work
      const pictures = await calibrationPictures(flags.calibrate, flags.pictures, flags);
      await quantizeModel(loaded, {
        place,
        pictures,
        calibration: flags.calibrate.map((bag) => bag.split('/').filter(Boolean).at(-1) ?? bag).join(', '),
        ranges: flags.ranges,
        goal: flags.goal,
        mostFloat: flags.mostFloat,
        threads: flags.threads,
        report: (line) => process.stderr.write(`${line}\n`),
      });
      process.stdout.write(`${flags.output}\n`);
    });
}

function rangeMethod(text: string): RangeMethod {
  if (text === 'mse') return { kind: 'mse' };
  const percent = Number(/^percentile:([\d.]+)$/.exec(text)?.[1]);
  if (percent > 50 && percent <= 100) return { kind: 'percentile', percent };
  throw new InvalidArgumentError(
    'expected `mse`, or `percentile:P` with P between 50 and 100, for example `percentile:99.99`.',
  );
}
