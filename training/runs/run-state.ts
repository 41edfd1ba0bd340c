import { z } from 'zod';
import { messageOf } from '../../msgs/message-of.js';
import { TrainingError } from '../errors.js';
import type { ParameterSpec } from '../networks/scope.js';
import { createOptimizer, type OptimizerOptions } from '../optimizers/create-optimizer.js';
import type { Optimizer } from '../optimizers/optimizer.js';
import type { Tensors } from '../optimizers/tensors.js';
import type { ClassAdjustment } from '../perception-graph/class-adjustment.js';
import { encodeParameters, type Parameters, parametersFrom } from '../weights/parameters.js';
import { decodeSafetensors, encodeSafetensors } from '../weights/safetensors.js';
import { hasCheckpoint, readCheckpoint, writeCheckpoint } from './checkpoint.js';
import type { Facts } from './data-role.js';

/** Weights that a run begins with, as they are learned. */
export interface RunStart {
  readonly parameters: Parameters;
  /** What the model that they are from added to the logits that they give, if it did. */
  readonly classAdjustment?: ClassAdjustment | undefined;
}

/** What a run trains, and how. */
export interface RunDefinition {
  readonly specs: readonly ParameterSpec[];
  /** One for every name of an update. */
  readonly optimizers: Readonly<Record<string, OptimizerOptions>>;
  /** Weights of a fresh run. */
  start(): Promise<RunStart> | RunStart;
}

const WEIGHTS = 'weights.safetensors';
const HOST = 'host.safetensors';
/** Name of the file of a checkpoint that says how far it got. */
export const STATE_FILE = 'state.json';
const optimizerFile = (name: string) => `optimizer-${name}.safetensors`;

/** A run between two steps: weights, optimizers, host states, how far it got. Saved as a whole and read back exactly. */
export class RunState {
  /** As they are learned: without `classAdjustment`. */
  readonly parameters: Parameters;
  /** What its export adds to the logits that the parameters give: what the model did that it started from. */
  readonly classAdjustment: ClassAdjustment | undefined;
  readonly optimizers: Readonly<Record<string, Optimizer>>;
  step = 0;
  /** Step of the checkpoint that is on disk, if there is one. */
  savedStep: number | undefined;
  trainedSeconds = 0;
  /** Metrics of the latest validation. */
  metrics: Readonly<Record<string, number>> = {};
  /** Steps of every phase, as soon as they are known. */
  plan: readonly number[] = [];
  /** What is known of the data, as soon as they are there. */
  facts: Facts = {};
  /** What host states hold, by their name. */
  host: Readonly<Record<string, Tensors>> = {};
  readonly #folder: string;

  private constructor(
    folder: string,
    { parameters, classAdjustment }: RunStart,
    optimizers: Readonly<Record<string, Optimizer>>,
    saved?: SavedState,
  ) {
    this.#folder = folder;
    this.parameters = parameters;
    this.classAdjustment = classAdjustment;
    this.optimizers = optimizers;
    if (saved === undefined) return;
    this.step = saved.step;
    this.savedStep = saved.step;
    this.trainedSeconds = saved.trainedSeconds;
    this.metrics = saved.metrics;
    this.plan = saved.plan;
    this.facts = saved.facts;
  }

  /** The checkpoint in `folder`; without one, a fresh start. @throws TrainingError when a checkpoint is of another network. */
  static async open(folder: string, { specs, optimizers, start }: RunDefinition): Promise<RunState> {
    const made = Object.fromEntries(
      Object.entries(optimizers).map(([name, options]) => [name, createOptimizer(options)]),
    );
    if (!hasCheckpoint(folder)) return new RunState(folder, await start(), made);
    const saved = await readState(folder);
    const { classAdjustment } = saved;
    const parameters = await readWeights(folder, specs);
    const state = new RunState(folder, { parameters, classAdjustment }, made, saved);
    for (const [name, optimizer] of Object.entries(made)) {
      const { metadata, tensors } = await readTensors(folder, optimizerFile(name));
      optimizer.restore({ steps: Number(metadata.steps ?? state.step), tensors });
    }
    state.host = grouped((await readTensors(folder, HOST)).tensors);
    return state;
  }

  /** What is exported of a checkpoint: without the optimizers. @throws TrainingError as `open`, and when there is none. */
  static async read(folder: string, specs: readonly ParameterSpec[]): Promise<RunState> {
    const saved = await readState(folder);
    const { classAdjustment } = saved;
    return new RunState(folder, { parameters: await readWeights(folder, specs), classAdjustment }, {}, saved);
  }

  /** Steps of the whole run; NaN while nobody knows. */
  get steps(): number {
    return this.plan.length === 0 ? Number.NaN : this.plan.reduce((sum, steps) => sum + steps, 0);
  }

  /** Whether all steps are taken. */
  get isComplete(): boolean {
    return this.step >= this.steps;
  }

  async save(): Promise<void> {
    const { step, trainedSeconds, metrics, plan, facts, classAdjustment } = this;
    const optimizers = Object.entries(this.optimizers).map(([name, optimizer]) => {
      const { steps, tensors } = optimizer.save();
      return [optimizerFile(name), encodeTensors(tensors, { steps: String(steps) })] as const;
    });
    await writeCheckpoint(this.#folder, {
      [WEIGHTS]: encodeParameters(this.parameters, 'F32', {}).bytes,
      ...Object.fromEntries(optimizers),
      [HOST]: encodeTensors(flat(this.host), {}),
      [STATE_FILE]: formatState({ step, trainedSeconds, metrics, plan: [...plan], facts, classAdjustment }),
    });
    this.savedStep = step;
  }
}

function encodeTensors(tensors: Tensors, metadata: Readonly<Record<string, string>>): Uint8Array {
  const stored = Object.entries(tensors).map(([name, values]) => {
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    return [name, { dtype: 'F32' as const, shape: [values.length], bytes }] as const;
  });
  return encodeSafetensors({ metadata, tensors: new Map(stored) }).bytes;
}

async function readTensors(
  folder: string,
  name: string,
): Promise<{ metadata: Readonly<Record<string, string>>; tensors: Tensors }> {
  const { metadata, tensors } = decodeSafetensors(await readCheckpoint(folder, name), `${folder}/${name}`);
  const values = [...tensors].map(
    ([key, { bytes }]) => [key, new Float32Array(bytes.slice().buffer)] as const,
  );
  return { metadata, tensors: Object.fromEntries(values) };
}

/** STATE_FILE/NAME of each tensor. */
function flat(host: Readonly<Record<string, Tensors>>): Tensors {
  return Object.fromEntries(
    Object.entries(host).flatMap(([state, tensors]) =>
      Object.entries(tensors).map(([name, values]) => [`${state}/${name}`, values] as const),
    ),
  );
}

function grouped(tensors: Tensors): Record<string, Tensors> {
  const groups: Record<string, Record<string, Float32Array>> = {};
  for (const [key, values] of Object.entries(tensors)) {
    const [state = '', name = ''] = key.split('/');
    groups[state] = { ...groups[state], [name]: values };
  }
  return groups;
}

/** JSON has no word for these. */
const NOT_FINITE = z.enum(['NaN', 'Infinity', '-Infinity']).transform(Number);
/** What older checkpoints hold for them. */
const UNKNOWN = z.null().transform(() => Number.NaN);

const number = z.union([z.number(), NOT_FINITE, UNKNOWN]);

const savedState = z.object({
  step: z.number().int().nonnegative(),
  trainedSeconds: z.number().nonnegative(),
  metrics: z.record(z.string(), number).default({}),
  plan: z.array(z.number().int().positive()).default([]),
  facts: z
    .record(
      z.string(),
      z.object({
        count: z.number().int().nonnegative(),
        classCounts: z.array(z.number()).optional(),
        focalPixels: z.number().optional(),
        stored: z.object({ width: z.number(), height: z.number() }).optional(),
      }),
    )
    .default({}),
  classAdjustment: z.record(z.string(), z.number()).optional(),
});

type SavedState = z.infer<typeof savedState>;

function formatState(state: Omit<SavedState, 'facts'> & { readonly facts: Facts }): string {
  const named = (_key: string, value: unknown) =>
    typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
  return `${JSON.stringify(state, named, 2)}\n`;
}

/** What the export of a checkpoint adds to the logits of its weights. @throws TrainingError when its state is damaged. */
export async function checkpointAdjustment(checkpoint: string): Promise<ClassAdjustment | undefined> {
  return (await readState(checkpoint)).classAdjustment;
}

async function readState(folder: string): Promise<SavedState> {
  const bytes = await readCheckpoint(folder, STATE_FILE);
  try {
    return savedState.parse(JSON.parse(new TextDecoder().decode(bytes)));
  } catch (cause) {
    const why = cause instanceof z.ZodError ? z.prettifyError(cause) : messageOf(cause);
    throw new TrainingError(
      `${folder}/${STATE_FILE} is damaged: ${why}; delete the checkpoint to start over.`,
      {
        file: folder,
        cause,
      },
    );
  }
}

/** The weights of a checkpoint. @throws TrainingError when it is of another network. */
export async function readWeights(checkpoint: string, specs: readonly ParameterSpec[]): Promise<Parameters> {
  const file = decodeSafetensors(await readCheckpoint(checkpoint, WEIGHTS), checkpoint);
  return parametersFrom(file, specs, checkpoint);
}
