import os from 'node:os';
import path from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { z } from 'zod';
import type { EncoderOrigin } from '../../models/manifest.js';
import { checkModelOutput } from '../../models/model-output.js';
import { stopOnSignals } from '../../models/stop-on-signals.js';
import { TrainingError } from '../errors.js';
import { completeOptions } from '../runs/complete-options.js';
import type { Method } from '../runs/method.js';
import { flagsOf, type NamedFlag } from '../runs/option.js';
import type { RunOptions } from '../runs/run-options.js';
import { COMPUTE, DEVICE, type DeviceFlags, RECOMPUTE } from './device-options.js';
import { eagerOption } from './eager-option.js';
import { INIT_ENCODER, readInitEncoder } from './init-encoder.js';
import { count, threads } from './numbers.js';
import { parsePrecision } from './precision.js';

/** What every method's command takes beside the method's own options. */
interface RunFlags extends DeviceFlags {
  readonly output: string;
  readonly init?: string;
  readonly initParts?: readonly string[];
  readonly initEncoder?: string;
  readonly dataFolder?: string;
  readonly threads: number;
  readonly eager?: string;
  readonly every: number;
  readonly resume?: boolean;
  readonly name?: string;
  readonly precision: 'F32' | 'F16';
}

/** `rxdepth train METHOD`, generated from the method's options. */
export function registerMethod(
  train: Command,
  method: Method,
  { isDefault }: { readonly isDefault: boolean },
): void {
  const command = train
    .command(method.name, { isDefault })
    .description(
      `${method.summary} Runs the compiled step and exports a model folder at the end. Stops cleanly on Ctrl-C; --resume goes on exactly where it stopped.`,
    )
    .requiredOption('-o, --output <folder>', 'run folder: checkpoint, log.csv, panels/, model/');
  addMethodFlags(command, method);
  command
    .option(
      '--init <folder>',
      'start from the weights of a model folder, a run or a checkpoint, as far as their names and shapes fit',
    )
    .option(
      '--init-parts <list>',
      'networks that --init gives, comma between (default: all)',
      (text: string) => text.split(','),
    )
    .addOption(INIT_ENCODER)
    .option('--data-folder <folder>', 'where prepared data are kept (default: OUTPUT/data)')
    .option('--threads <n>', "onnxruntime's threads", threads, os.availableParallelism())
    .addOption(eagerOption())
    .addOption(DEVICE)
    .addOption(COMPUTE)
    .addOption(RECOMPUTE)
    .option('--every <n>', 'steps between validations, pictures and checkpoints', count, 500)
    .option('--resume', 'go on from the checkpoint in OUTPUT')
    .option('--name <name>', 'name of the exported model (default: after method and preset)')
    .option('--precision <F32|F16>', 'how the exported weights are stored', parsePrecision, 'F32')
    .action((flags: RunFlags & Readonly<Record<string, unknown>>) => run(method, flags));
}

async function run(method: Method, flags: RunFlags & Readonly<Record<string, unknown>>): Promise<void> {
  if (flags.initParts !== undefined && flags.init === undefined) {
    throw new TrainingError(
      '--init-parts: expected `--init` beside it, the folder that gives these networks',
      {
        field: '--init-parts',
      },
    );
  }
  const encoder = await readInitEncoder(flags.initEncoder, { flag: '--init', value: flags.init });
  const { inheritedEncoder } = await import('../runs/inherited-encoder.js');
  const options = optionsFrom(method, flags, encoder?.origin ?? (await inheritedEncoder(flags.init)));
  const { output, threads, every, init, eager, device, compute: precision, recompute } = flags;
  const { checkResume } = await import('../runs/run-folder.js');
  checkResume(output, flags.resume ?? false);
  // Before hours of training: what is not ours where the model will go.
  const folder = path.join(output, 'model');
  await checkModelOutput(folder, { overwrite: true });
  const { runMethod } = await import('../runs/run.js');
  const stop = stopOnSignals('stopping after this step, or the data being made');
  const state = await runMethod(method, {
    ...{
      folder: output,
      dataFolder: flags.dataFolder ?? path.join(output, 'data'),
      options,
      from: init,
      encoder,
    },
    ...{ threads, every, eager, device, precision, recompute, signal: stop.signal },
    report: (line) => process.stderr.write(`${line}\n`),
  }).finally(() => stop.release());
  if (stop.exitCode !== undefined) {
    process.stderr.write(`stopped after step ${state.step}; the same command with --resume goes on\n`);
    process.exitCode = stop.exitCode;
    return;
  }
  if (method.inference(options, state.facts, state.step) === undefined) {
    process.stdout.write(`${output}\n`);
    return;
  }
  const { exportRun } = await import('../runs/export-run.js');
  const { modelName } = await import('../runs/model-name.js');
  const { name = modelName(method, options), precision: stored } = flags;
  await exportRun({ method, folder, overwrite: true, name, precision: stored, options, state });
  process.stdout.write(`${folder}\n`);
}

/**
 * Declares a method's options as flags.
 * @param optional whether what the method needs may be left out: something else gives it. @param without keys left out.
 */
export function addMethodFlags(
  command: Command,
  method: Method,
  {
    optional = false,
    without = [],
  }: { readonly optional?: boolean; readonly without?: readonly string[] } = {},
): void {
  const flags = flagsOf(method.options);
  for (const flag of flags) {
    if (without.includes(flag.key)) continue;
    const isSole = flags.filter(({ key }) => key === flag.key).length === 1;
    const made = optionOf(flag, isSole);
    command.addOption(optional ? made.makeOptionMandatory(false) : made);
  }
}

/** Those of a method's options whose flags were given. @throws TrainingError where flags exclude each other. */
export function givenOptions(
  method: Method,
  flags: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const given: Record<string, unknown> = {};
  for (const { key, others, flag } of flagsOf(method.options)) {
    const value = flags[camelCase(flag)];
    // commander says true where a `--no-...` was not given: a preset may say otherwise.
    if (value === undefined || value === true) continue;
    if (given[key] !== undefined) {
      const rivals = flagsOf(method.options).filter((rival) => rival.key === key);
      const names = rivals.map((rival) => `\`--${rival.flag}\``);
      throw new TrainingError(`train ${method.name}: expected one of ${names.join(', ')}, got several`);
    }
    Object.assign(given, others.length === 0 ? { [key]: value } : value);
  }
  return given;
}

/** The method's options from the flags that were given. @throws TrainingError */
function optionsFrom(
  method: Method,
  flags: RunFlags & Readonly<Record<string, unknown>>,
  encoder?: EncoderOrigin,
): RunOptions {
  const given = givenOptions(method, flags);
  if (flags.init !== undefined) given.parent = path.basename(path.resolve(flags.init));
  if (flags.initParts !== undefined) given.parentParts = flags.initParts;
  if (encoder !== undefined) given.encoder = encoder;
  if (flags.compute === 'mixed') given.compute = flags.compute;
  return completeOptions(method, given);
}

/** Nothing has a default here: presets come before those of the schema, which the help only names. */
function optionOf({ flag, argument, help, parse, schema, otherwise }: NamedFlag, isSole: boolean): Option {
  const { inner, fallback, isRequired } = unwrapped(schema);
  const standard = otherwise ?? (fallback === undefined ? undefined : String(fallback));
  const text =
    standard === undefined || inner instanceof z.ZodBoolean ? help : `${help} (default: ${standard})`;
  if (inner instanceof z.ZodBoolean) return new Option(`--no-${flag}`, text).default(undefined);
  const choices = inner instanceof z.ZodEnum ? inner.options.map(String) : undefined;
  const isNumber = inner instanceof z.ZodNumber;
  const option = new Option(`--${flag} <${argument ?? (isNumber ? 'n' : 'name')}>`, text);
  if (choices !== undefined) option.choices(choices);
  else if (parse !== undefined) option.argParser((value) => parsed(parse, value));
  else if (isNumber) option.argParser(numberOf);
  return isRequired && isSole && otherwise === undefined ? option.makeOptionMandatory() : option;
}

/** The schema within defaults and what may be left out. */
function unwrapped(schema: z.ZodType): { inner: z.ZodType; fallback?: unknown; isRequired: boolean } {
  if (schema instanceof z.ZodDefault) {
    const { innerType, defaultValue } = schema.def;
    // zod's typings say `$ZodType`, the core of what its classic face makes.
    return { ...unwrapped(innerType as z.ZodType), fallback: defaultValue, isRequired: false };
  }
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable) {
    return { ...unwrapped(schema.def.innerType as z.ZodType), isRequired: false }; // as above
  }
  return { inner: schema, isRequired: true };
}

/** As commander reports a wrong value. */
function parsed(parse: (text: string) => unknown, text: string): unknown {
  try {
    return parse(text);
  } catch (error) {
    if (error instanceof TrainingError) throw new InvalidArgumentError(error.message);
    throw error;
  }
}

function numberOf(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) throw new InvalidArgumentError('expected a number');
  return value;
}

function camelCase(flag: string): string {
  return flag.replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
