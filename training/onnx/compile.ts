import type * as tf from '@tensorflow/tfjs';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { TrainingError } from '../errors.js';
import { GraphBuilder } from './graph-builder.js';
import { type Layout, orderOf, physicalShape } from './layout.js';
import type { TracerPasses } from './passes.js';
import { sizeOf, toTypedArray } from './tensor-data.js';
import type { ConstantData, TensorType } from './trace.js';
import { traceInto } from './trace-into.js';

/** An input of a compiled function: its logical TensorFlow.js type, and how the data that is fed lies in memory. */
export interface TraceInput extends TensorType {
  /** Row major by default. */
  readonly layout?: Layout;
}

export interface CompileOptions {
  /** Threads of onnxruntime within a node; by default one per core. */
  readonly threads?: number;
  /**
   * Whether idle threads of onnxruntime spin. About 8 % faster where the process has the processor for itself, many times
   * slower where it has not. Off by default.
   */
  readonly spinning?: boolean;
  /** Keeps memory between runs; off it takes a third of the memory and 6 % more time. On by default. */
  readonly enableCpuMemArena?: boolean;
  /** Physical orders of outputs, by name; row major by default. */
  readonly outputLayouts?: Readonly<Record<string, Layout>>;
  /** Writes a profile in Chrome's trace format to a file with this prefix. */
  readonly profilePrefix?: string;
  /** onnxruntime's graph optimizations; `all` by default. */
  readonly optimization?: 'disabled' | 'basic' | 'extended' | 'all';
  /** The tracer's own; all by default. */
  readonly passes?: TracerPasses;
}

/** Data of tensors: floats, int32 or bools (one byte each). */
export type TensorBuffer = ConstantData;

export interface CompiledOutput extends TensorType {
  /** In the physical order asked for. */
  readonly data: TensorBuffer;
}

/**
 * A function that runs as one ONNX graph. Inputs are read and outputs written in place; what `run` returns is valid until
 * the run after the next, so results may be fed back.
 */
export class CompiledFunction {
  /** The ONNX model. */
  readonly model: Uint8Array;
  readonly outputs: Readonly<Record<string, TensorType>>;
  readonly #session: InferenceSession;
  readonly #inputs: Readonly<Record<string, TraceInput>>;
  readonly #fetches: readonly Readonly<Record<string, Tensor>>[];
  readonly #bound = new Map<string, { readonly data: TensorBuffer; readonly tensor: Tensor }>();
  #turn = 0;

  private constructor(
    model: Uint8Array,
    session: InferenceSession,
    inputs: Readonly<Record<string, TraceInput>>,
    outputs: Readonly<Record<string, TraceInput>>,
  ) {
    this.model = model;
    this.outputs = outputs;
    this.#session = session;
    this.#inputs = inputs;
    this.#fetches = [0, 1].map(() => {
      const tensors: Record<string, Tensor> = {};
      for (const [name, output] of Object.entries(outputs)) {
        tensors[name] = wrap(
          toTypedArray(new Array(sizeOf(output.shape)).fill(0), output.dtype) as TensorBuffer,
          output,
        );
      }
      return tensors;
    });
  }

  /** Traces `fn` and creates a session for it. */
  static async create(
    fn: (inputs: Record<string, tf.Tensor>) => Record<string, tf.Tensor>,
    inputs: Readonly<Record<string, TraceInput>>,
    options: CompileOptions = {},
  ): Promise<CompiledFunction> {
    const builder = new GraphBuilder('compiled', options.passes);
    const graphInputs = Object.entries(inputs).map(([name, input]) => {
      const order = orderOf(input.layout, input.shape.length);
      const value = builder.input(`in:${name}`, input.dtype, physicalShape(input.shape, order));
      return [name, { ...input, value }] as const;
    });
    const results = traceInto(builder, fn, Object.fromEntries(graphInputs), options.passes);
    const outputs: Record<string, TraceInput> = {};
    for (const [name, result] of Object.entries(results)) {
      const layout = options.outputLayouts?.[name];
      const { shape, dtype } = result;
      outputs[name] = { shape, dtype, layout };
      builder.output(name, result.value(layout), dtype, physicalShape(shape, orderOf(layout, shape.length)));
    }
    const model = builder.toModel();
    const session = await InferenceSession.create(model, {
      executionProviders: ['cpu'],
      intraOpNumThreads: options.threads ?? 0,
      graphOptimizationLevel: options.optimization ?? 'all',
      enableCpuMemArena: options.enableCpuMemArena ?? true,
      ...(options.profilePrefix === undefined
        ? {}
        : { enableProfiling: true, profileFilePrefix: options.profilePrefix }),
      extra: { session: { intra_op: { allow_spinning: options.spinning === true ? '1' : '0' } } },
    });
    return new CompiledFunction(model, session, inputs, outputs);
  }

  /** Runs the graph; blocks the thread while it computes. A buffer that is fed again and again is bound once. */
  async run(feeds: Readonly<Record<string, TensorBuffer>>): Promise<Record<string, CompiledOutput>> {
    const tensors: Record<string, Tensor> = {};
    const used = new Set(this.#session.inputNames);
    for (const [name, input] of Object.entries(this.#inputs)) {
      if (used.has(`in:${name}`)) tensors[`in:${name}`] = this.#bind(name, input, feeds[name]);
    }
    this.#turn = 1 - this.#turn;
    const fetches = this.#fetches[this.#turn];
    await this.#session.run(tensors, fetches);
    const results: Record<string, CompiledOutput> = {};
    for (const [name, type] of Object.entries(this.outputs)) {
      results[name] = { ...type, data: fetches[name].data as TensorBuffer };
    }
    return results;
  }

  /** Ends the profile, if one was asked for, and frees the session. */
  async close(): Promise<void> {
    this.#session.endProfiling();
    await this.#session.release();
  }

  #bind(name: string, input: TraceInput, data: TensorBuffer | undefined): Tensor {
    const known = this.#bound.get(name);
    if (known !== undefined && known.data === data) return known.tensor;
    if (data === undefined || data.length !== sizeOf(input.shape)) {
      throw new TrainingError(
        `input \`${name}\`: expected \`${sizeOf(input.shape)}\` elements for [${input.shape}], got ${data?.length ?? 'nothing'}`,
      );
    }
    const tensor = wrap(data, input);
    this.#bound.set(name, { data, tensor });
    return tensor;
  }
}

/** Traces `fn` and compiles it: see {@link CompiledFunction}. */
export function compile(
  fn: (inputs: Record<string, tf.Tensor>) => Record<string, tf.Tensor>,
  inputs: Readonly<Record<string, TraceInput>>,
  options: CompileOptions = {},
): Promise<CompiledFunction> {
  return CompiledFunction.create(fn, inputs, options);
}

/** An onnxruntime tensor over `data`, which is not copied. */
function wrap(data: TensorBuffer, { shape, dtype, layout }: TraceInput): Tensor {
  const dims = physicalShape(shape, orderOf(layout, shape.length));
  const expected = { float32: Float32Array, int32: Int32Array, bool: Uint8Array }[dtype];
  if (!(data instanceof expected)) {
    throw new TrainingError(`expected \`${expected.name}\` for ${dtype} data, got ${data.constructor.name}`);
  }
  return new Tensor(dtype, data as Float32Array, dims) as Tensor;
}
