import { z } from 'zod';
import { TrainingError } from '../errors.js';
import type { ParameterSpec } from '../networks/scope.js';
import { Adam, type AdamOptions } from '../optimizers/adam.js';
import { encodeParameters, type Parameters, parametersFrom } from '../weights/parameters.js';
import { decodeSafetensors, encodeSafetensors } from '../weights/safetensors.js';
import { hasCheckpoint, readCheckpoint, writeCheckpoint } from './checkpoint.js';

/** What a run trains, and how. */
export interface RunDefinition {
  readonly specs: readonly ParameterSpec[];
  readonly optimizer: AdamOptions;
  /** Weights of a fresh run. */
  start(): Promise<Parameters> | Parameters;
}

/** A run between two steps: weights, optimizer, how far it got. Saved as a whole and read back exactly. */
export class RunState {
  readonly parameters: Parameters;
  readonly optimizer: Adam;
  step = 0;
  trainedSeconds = 0;
  /** Of the latest validation. */
  metrics: Readonly<Record<string, number>> = {};
  /** What the method remembers beside its weights, by name. */
  memory: Readonly<Record<string, readonly number[]>> = {};
  readonly #folder: string;

  private constructor(folder: string, parameters: Parameters, optimizer: Adam) {
    this.#folder = folder;
    this.parameters = parameters;
    this.optimizer = optimizer;
  }

  /** The checkpoint in `folder`; without one, a fresh start. @throws TrainingError when a checkpoint is of another network. */
  static async open(folder: string, definition: RunDefinition): Promise<RunState> {
    const optimizer = new Adam(definition.optimizer);
    if (!hasCheckpoint(folder)) return new RunState(folder, await definition.start(), optimizer);
    const state = new RunState(folder, await readWeights(folder, definition.specs), optimizer);
    const saved = parseState(await readCheckpoint(folder, 'state.json'), `${folder}/state.json`);
    state.step = saved.step;
    state.trainedSeconds = saved.trainedSeconds;
    state.metrics = saved.metrics;
    state.memory = saved.memory;
    const moments = decodeSafetensors(await readCheckpoint(folder, 'optimizer.safetensors'), folder);
    optimizer.restore({
      steps: saved.optimizerSteps ?? saved.step,
      tensors: Object.fromEntries(
        [...moments.tensors].map(([name, { bytes }]) => [name, new Float32Array(bytes.slice().buffer)]),
      ),
    });
    return state;
  }

  async save(): Promise<void> {
    const moments = Object.entries(this.optimizer.save().tensors);
    await writeCheckpoint(this.#folder, {
      'weights.safetensors': encodeParameters(this.parameters, 'F32', {}).bytes,
      'optimizer.safetensors': encodeSafetensors({
        metadata: {},
        tensors: new Map(
          moments.map(([name, values]) => [
            name,
            {
              dtype: 'F32' as const,
              shape: [values.length],
              bytes: new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
            },
          ]),
        ),
      }).bytes,
      'state.json': formatState({
        step: this.step,
        optimizerSteps: this.optimizer.steps,
        trainedSeconds: this.trainedSeconds,
        metrics: this.metrics,
        memory: this.memory,
      }),
    });
  }
}

/** JSON has no word for these; `null` is what older checkpoints hold for them. */
const NOT_FINITE = z.enum(['NaN', 'Infinity', '-Infinity']).transform(Number);
const UNKNOWN = z.null().transform(() => Number.NaN);

const number = z.union([z.number(), NOT_FINITE, UNKNOWN]);

const savedState = z.object({
  step: z.number().int().nonnegative(),
  /** Absent in older checkpoints, which took it to be `step`. */
  optimizerSteps: z.number().int().nonnegative().optional(),
  trainedSeconds: z.number().nonnegative(),
  metrics: z.record(z.string(), number).default({}),
  memory: z.record(z.string(), z.array(number)).default({}),
});

type SavedState = z.infer<typeof savedState>;

function formatState(state: Omit<SavedState, 'memory'> & Pick<RunState, 'memory'>): string {
  const named = (_key: string, value: unknown) =>
    typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
  return `${JSON.stringify(state, named, 2)}\n`;
}

function parseState(bytes: Uint8Array, file: string): SavedState {
  try {
    return savedState.parse(JSON.parse(new TextDecoder().decode(bytes)));
  } catch (cause) {
    const why = cause instanceof z.ZodError ? z.prettifyError(cause) : (cause as Error).message;
    throw new TrainingError(`${file} is damaged: ${why}; delete the checkpoint to start over.`, { cause });
  }
}

/** The weights of a checkpoint. @throws TrainingError when it is of another network. */
export async function readWeights(checkpoint: string, specs: readonly ParameterSpec[]): Promise<Parameters> {
  const file = decodeSafetensors(await readCheckpoint(checkpoint, 'weights.safetensors'), checkpoint);
  return parametersFrom(file, specs, checkpoint);
}
