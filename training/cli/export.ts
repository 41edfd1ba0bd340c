import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import { checkModelOutput } from '../../models/model-output.js';
import { messageOf } from '../../msgs/message-of.js';
import { TrainingError } from '../errors.js';
import { METHODS } from '../methods/methods.js';
import { hasCheckpoint } from '../runs/checkpoint.js';
import { parseOptions } from '../runs/complete-options.js';
import type { Method } from '../runs/method.js';
import type { RunOptions } from '../runs/run-options.js';
import { parsePrecision } from './precision.js';

interface ExportFlags {
  readonly output: string;
  readonly overwrite?: boolean;
  readonly name?: string;
  readonly precision: 'F32' | 'F16';
  readonly pixels?: number;
}

/** `rxdepth export`. */
export function register(program: Command): void {
  program
    .command('export')
    .summary('make a model folder of a training run')
    .description('Export the checkpoint of a training run, finished or under way, as a model folder.')
    .argument('<run>', 'run folder that `rxdepth train` writes')
    .requiredOption('-o, --output <folder>', 'model folder to write')
    .option('--overwrite', 'replace the model folder that is there')
    .option(
      '--pixels <n>',
      'how many pixels the network sees, for example 81920 for about 512x160 (default: as it was trained last)',
      parsePixels,
    )
    .option('--name <name>', 'name of the model (default: after method and preset of the run)')
    .option('--precision <F32|F16>', 'how the weights are stored', parsePrecision, 'F32')
    .action(async (run: string, flags: ExportFlags) => {
      const file = path.join(run, 'options.json');
      const text = await readFile(file, 'utf8').catch((cause: unknown) => {
        throw new TrainingError(`${run} is no run folder: it has no readable \`options.json\`.`, {
          file: run,
          cause,
        });
      });
      const value: unknown = parseJson(text, file);
      const place = {
        ...{ folder: flags.output, overwrite: flags.overwrite },
        // A run's own `model` may be made anew; nothing else in it is a place for a model.
        inputs: isOwnModel(run, flags.output) ? [] : [[run, 'the run'] as const],
      };
      await checkModelOutput(flags.output, place);
      const checkpoint = path.join(run, 'checkpoint');
      if (!hasCheckpoint(checkpoint)) throw new TrainingError(`${run} has no checkpoint yet.`, { file: run });
      const { method, options } = methodOfRun(value, file);
      const { definitionOf } = await import('../runs/run-definition.js');
      const { RunState } = await import('../runs/run-state.js');
      const { exportRun } = await import('../runs/export-run.js');
      const { modelName } = await import('../runs/model-name.js');
      const { name = modelName(method, options), precision, pixels } = flags;
      const state = await RunState.read(checkpoint, definitionOf(method, options).specs);
      await exportRun({ ...place, method, name, precision, options, state, pixels });
      process.stdout.write(`${flags.output}\n`);
    });
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new TrainingError(`${file} is not the options of a run: ${messageOf(cause)}`, {
      file,
      cause,
    });
  }
}

function isOwnModel(run: string, output: string): boolean {
  return path.resolve(output) === path.resolve(run, 'model');
}

/** Which method a run is of, and its options. @throws TrainingError for a method that there is not. */
function methodOfRun(saved: unknown, file: string): { method: Method; options: RunOptions } {
  const fields: Readonly<Record<string, unknown>> =
    typeof saved === 'object' && saved !== null ? { ...saved } : {};
  const { method: name, ...rest } = fields;
  const [standard] = METHODS;
  // Older runs do not name their method: those of the first one.
  const method = METHODS.find((known) => known.name === (name ?? standard?.name));
  if (method === undefined) {
    const names = METHODS.map((known) => `\`${known.name}\``);
    throw new TrainingError(`${file}: expected a run of ${names.join(', ')}, got ${String(name)}`, { file });
  }
  return { method, options: parseOptions(method, rest, file) };
}

function parsePixels(text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= 1024) return value;
  throw new InvalidArgumentError('expected a whole number of at least 1024.');
}
