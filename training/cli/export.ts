import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import { checkModelOutput } from '../../models/model-output.js';
import { TrainingError } from '../errors.js';
import { parseRunOptions } from '../methods/supervised/run-options.js';
import { hasCheckpoint } from '../runs/checkpoint.js';
import { parsePrecision } from './precision.js';

interface ExportFlags {
  readonly output: string;
  readonly overwrite?: boolean;
  readonly name: string;
  readonly precision: 'F32' | 'F16';
  readonly pixels?: number;
}

/** `rxdepth export`. */
export function register(program: Command): void {
  program
    .command('export')
    .description('Export the checkpoint of a training run, finished or under way, as a model folder.')
    .argument('<run>', 'run folder that `rxdepth train` writes')
    .requiredOption('-o, --output <folder>', 'model folder to write')
    .option('--overwrite', 'replace the model folder that is there')
    .option(
      '--pixels <n>',
      'how many pixels the network sees, for example 81920 for about 512x160 (default: as it was trained last)',
      parsePixels,
    )
    .option('--name <name>', 'name of the model', 'rxdepth-compact')
    .option('--precision <F32|F16>', 'how the weights are stored', parsePrecision, 'F32')
    .action(async (run: string, flags: ExportFlags) => {
      const file = path.join(run, 'options.json');
      const text = await readFile(file, 'utf8').catch((cause: unknown) => {
        throw new TrainingError(`${run} is no run folder: it has no readable \`options.json\`.`, { cause });
      });
      const value: unknown = parseJson(text, file);
      const place = {
        ...{ folder: flags.output, overwrite: flags.overwrite },
        // A run's own `model` may be made anew; nothing else in it is a place for a model.
        inputs: isOwnModel(run, flags.output) ? [] : [[run, 'the run'] as const],
      };
      await checkModelOutput(flags.output, place);
      const checkpoint = path.join(run, 'checkpoint');
      if (!hasCheckpoint(checkpoint)) throw new TrainingError(`${run} has no checkpoint yet.`);
      const { RunState } = await import('../runs/run-state.js');
      const { name, precision, pixels } = flags;
      if (isSgdepthRun(value)) {
        if (pixels !== undefined) {
          throw new TrainingError(
            `--pixels: ${run} is a run of \`rxdepth train sgdepth\`, whose model keeps its size`,
          );
        }
        const { parseSgdepthRunOptions } = await import('../methods/sgdepth/sgdepth-options.js');
        const { sgdepthDefinition } = await import('../methods/sgdepth/sgdepth-run.js');
        const { exportSgdepthRun } = await import('../methods/sgdepth/export-sgdepth-run.js');
        const options = parseSgdepthRunOptions(value, file);
        const state = await RunState.open(checkpoint, sgdepthDefinition(options));
        await exportSgdepthRun({ ...place, name, precision, options, state });
        process.stdout.write(`${flags.output}\n`);
        return;
      }
      const options = parseRunOptions(value, file);
      const { exportRun } = await import('../methods/supervised/export-run.js');
      const { supervisedDefinition } = await import('../methods/supervised/supervised-definition.js');
      const state = await RunState.open(checkpoint, supervisedDefinition(options));
      await exportRun({
        ...place,
        name,
        precision,
        options,
        state,
        ...(pixels === undefined ? {} : { pixels }),
      });
      process.stdout.write(`${flags.output}\n`);
    });
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new TrainingError(`${file} is not the options of a run: ${(cause as Error).message}`, { cause });
  }
}

function isOwnModel(run: string, output: string): boolean {
  return path.resolve(output) === path.resolve(run, 'model');
}

/** Only `rxdepth train sgdepth` has a target domain. */
function isSgdepthRun(options: unknown): boolean {
  return typeof options === 'object' && options !== null && 'target' in options;
}

function parsePixels(text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= 1024) return value;
  throw new InvalidArgumentError('expected a whole number of at least 1024.');
}
