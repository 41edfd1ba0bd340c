import type * as tf from '@tensorflow/tfjs';
import { z } from 'zod';
import { hasCheckpoint, readCheckpoint, writeCheckpoint } from '../checkpoint.js';
import { TrainingError } from '../errors.js';
import { declareParameters } from '../methods/supervised.js';
import type { ParameterSpec } from '../networks/scope.js';
import type { SgdepthNetworkOptions } from '../networks/sgdepth-network.js';
import { GraphBuilder } from '../onnx/graph-builder.js';
import { traceInto } from '../onnx/trace-into.js';
import { Adam } from '../optimizers/adam.js';
import {
  encodeParameters,
  initialParameters,
  type Parameters,
  parametersFrom,
} from '../weights/parameters.js';
import { decodeSafetensors, encodeSafetensors } from '../weights/safetensors.js';
import { networkOf } from './run-network.js';
import type { RunOptions } from './run-options.js';

/** A run between two steps: weights, optimizer, how far it got. Saved as a whole and read back exactly. */
export class RunState {
  readonly parameters: Parameters;
  readonly optimizer: Adam;
  step = 0;
  trainedSeconds = 0;
  /** Of the latest validation. */
  metrics: Readonly<Record<string, number>> = {};
  readonly #folder: string;

  private constructor(folder: string, parameters: Parameters, optimizer: Adam) {
    this.#folder = folder;
    this.parameters = parameters;
    this.optimizer = optimizer;
  }

  /**
   * The checkpoint in `folder`; without one, a fresh start from drawn weights or from those of the checkpoint `from`.
   * @throws TrainingError when a checkpoint is of another network.
   */
  static async open(folder: string, options: RunOptions, from?: string): Promise<RunState> {
    const specs = networkParameters(networkOf(options));
    const optimizer = new Adam({ weightDecay: options.weightDecay, clipNorm: 5 });
    if (!hasCheckpoint(folder)) {
      const start =
        from === undefined ? initialParameters(specs, options.seed) : await readWeights(from, specs);
      return new RunState(folder, start, optimizer);
    }
    const state = new RunState(folder, await readWeights(folder, specs), optimizer);
    const saved = parseState(await readCheckpoint(folder, 'state.json'), `${folder}/state.json`);
    state.step = saved.step;
    state.trainedSeconds = saved.trainedSeconds;
    state.metrics = saved.metrics;
    const moments = decodeSafetensors(await readCheckpoint(folder, 'optimizer.safetensors'), folder);
    optimizer.restore(
      saved.optimizerSteps ?? saved.step,
      Object.fromEntries(
        [...moments.tensors].map(([name, { bytes }]) => [name, new Float32Array(bytes.slice().buffer)]),
      ),
    );
    return state;
  }

  async save(): Promise<void> {
    const moments = Object.entries(this.optimizer.moments());
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
      }),
    });
  }
}

/** JSON has no word for these; `null` is what older checkpoints hold for them. */
const NOT_FINITE = z.enum(['NaN', 'Infinity', '-Infinity']).transform(Number);
const UNKNOWN = z.null().transform(() => Number.NaN);

const savedState = z.object({
  step: z.number().int().nonnegative(),
  /** Absent in older checkpoints, which took it to be `step`. */
  optimizerSteps: z.number().int().nonnegative().optional(),
  trainedSeconds: z.number().nonnegative(),
  metrics: z.record(z.string(), z.union([z.number(), NOT_FINITE, UNKNOWN])).default({}),
});

type SavedState = z.infer<typeof savedState>;

function formatState(state: SavedState): string {
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

async function readWeights(checkpoint: string, specs: readonly ParameterSpec[]): Promise<Parameters> {
  const file = decodeSafetensors(await readCheckpoint(checkpoint, 'weights.safetensors'), checkpoint);
  return parametersFrom(file, specs, checkpoint);
}

/** Every parameter of the network, found by tracing it once at a small size. */
export function networkParameters(network: SgdepthNetworkOptions): ParameterSpec[] {
  const g = new GraphBuilder('declaration');
  const image = g.input('image', 'float32', [1, 3, 64, 64]);
  let specs: ParameterSpec[] = [];
  traceInto(
    g,
    (inputs) => {
      specs = declareParameters(inputs.image as tf.Tensor4D, network);
      return {};
    },
    { image: { value: image, shape: [1, 64, 64, 3], dtype: 'float32', layout: 'NCHW' } },
  );
  return specs;
}
