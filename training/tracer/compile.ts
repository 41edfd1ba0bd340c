import type * as tf from '@tensorflow/tfjs';
import type { Device, DeviceChoice } from '../../models/device.js';
import type { InferenceSession, Tensor } from '../../models/onnxruntime.js';
import { TrainingError } from '../errors.js';
import { GraphBuilder } from '../onnx/graph-builder.js';
import type { Dimension } from '../onnx/model-proto.js';
import { sizeOf } from '../onnx/tensor-data.js';
import { type Layout, orderOf, physicalShape } from './lower/layout.js';
import { CPU_NODE, type Target } from './lower/target.js';
import { type DeviceModel, type OpenedModel, openCompiled, type Precision } from './open-compiled.js';
import type { TracerPasses } from './trace/passes.js';
import type { Recomputation } from './trace/recompute-activations.js';
import type { ConstantData, TensorType } from './trace/trace.js';
import { traceInto } from './trace-into.js';

/** An input of a compiled function: its logical TensorFlow.js type, and how the data that is fed lies in memory. */
export interface TraceInput extends TensorType {
  /** Row major by default. */
  readonly layout?: Layout;
}

export interface CompileOptions {
  /** Where it runs; `cpu` by default. `auto` takes CUDA, WebGPU or the CPU, the first that is there. */
  readonly device?: DeviceChoice;
  /** `mixed` computes convolutions and matrix products in half precision: GPUs only. `single` by default. */
  readonly precision?: Precision;
  /** Threads of onnxruntime within a node; by default one per core. */
  readonly threads?: number;
  /**
   * Whether idle threads of onnxruntime spin. About 8 % faster where the process has the processor for itself, many times
   * slower where it has not. Off by default.
   */
  readonly spinning?: boolean;
  /** Keeps memory between runs; off, a training step takes longer and no less memory at its peak. On by default. */
  readonly enableCpuMemArena?: boolean;
  /**
   * Which activations the backward pass of a training step computes once more instead of keeping them: less memory, more
   * time (docs/measurements/tracer.md has both). `none` by default.
   */
  readonly recompute?: Recomputation | undefined;
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

/** A function that runs as one ONNX graph. Inputs are read in place; what `run` returns is the caller's. */
export class CompiledFunction {
  /** The ONNX model. */
  readonly model: Uint8Array;
  readonly outputs: Readonly<Record<string, TensorType>>;
  /** Where it runs. */
  readonly device: Device;
  readonly #session: InferenceSession;
  readonly #tensor: typeof Tensor;
  readonly #inputs: Readonly<Record<string, TraceInput>>;
  readonly #bound = new Map<string, { readonly data: TensorBuffer; readonly tensor: Tensor }>();

  private constructor(
    { model, session, device }: OpenedModel<BuiltModel>,
    inputs: Readonly<Record<string, TraceInput>>,
    tensor: typeof Tensor,
  ) {
    const { outputs } = model;
    this.model = model.bytes;
    this.outputs = outputs;
    this.device = device;
    this.#session = session;
    this.#tensor = tensor;
    this.#inputs = inputs;
  }

  /**
   * Traces `fn` and creates a session for it.
   * @throws TrainingError when the graph cannot be traced, ModelError when the device is not there.
   */
  static async create(
    fn: (inputs: Record<string, tf.Tensor>) => Record<string, tf.Tensor>,
    inputs: Readonly<Record<string, TraceInput>>,
    options: CompileOptions = {},
  ): Promise<CompiledFunction> {
    const opened = await openCompiled((target) => buildModel(fn, inputs, options, target), options);
    const { Tensor: tensor } = await import('../../models/onnxruntime.js');
    return new CompiledFunction(opened, inputs, tensor);
  }

  /** Runs the graph; blocks the thread while it computes. A buffer that is fed again and again is bound once. */
  async run(feeds: Readonly<Record<string, TensorBuffer>>): Promise<Record<string, CompiledOutput>> {
    const tensors: Record<string, Tensor> = {};
    const used = new Set(this.#session.inputNames);
    for (const [name, input] of Object.entries(this.#inputs)) {
      if (used.has(`in:${name}`)) tensors[`in:${name}`] = this.#bind(name, input, feeds[name]);
    }
    // Without buffers for the outputs: the binding copies what was written into them all the same.
    const outputs = await this.#session.run(tensors);
    const results: Record<string, CompiledOutput> = {};
    for (const [name, type] of Object.entries(this.outputs)) {
      results[name] = { ...type, data: outputs[name].data as TensorBuffer };
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
    const tensor = wrap(this.#tensor, data, input);
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

interface BuiltModel extends DeviceModel {
  readonly outputs: Readonly<Record<string, TraceInput>>;
}

function buildModel(
  fn: (inputs: Record<string, tf.Tensor>) => Record<string, tf.Tensor>,
  inputs: Readonly<Record<string, TraceInput>>,
  { passes, outputLayouts, recompute }: CompileOptions,
  target: Target,
): BuiltModel {
  const builder = new GraphBuilder('compiled', passes);
  const graphInputs = Object.entries(inputs).map(([name, input]) => {
    const order = orderOf(input.layout, input.shape.length);
    const extents = physicalShape(input.shape, order);
    const value = builder.input(`in:${name}`, input.dtype, hidden(name, extents, target));
    return [name, { ...input, value }] as const;
  });
  const results = traceInto(builder, {
    fn,
    inputs: Object.fromEntries(graphInputs),
    passes,
    target,
    recompute,
  });
  const outputs: Record<string, TraceInput> = {};
  for (const [name, result] of Object.entries(results)) {
    const layout = outputLayouts?.[name];
    const { shape, dtype } = result;
    outputs[name] = { shape, dtype, layout };
    builder.output(name, result.value(layout), dtype, physicalShape(shape, orderOf(layout, shape.length)));
  }
  const names = builder.contents().nodes.map(({ name }) => name);
  return { bytes: builder.toModel(), outputs, cpuNodes: names.filter((name) => name.startsWith(CPU_NODE)) };
}

/**
 * On the CPU onnxruntime plans that a buffer serves all values of one shape one after another, and keeps it while it lies
 * idle in between: more memory than if each came and went. It does so only where it knows the shapes.
 */
function hidden(name: string, extents: readonly number[], { device }: Target): readonly Dimension[] {
  return device === 'cpu' ? extents.map((_, axis) => `${name}:${axis}`) : extents;
}

/** An onnxruntime tensor over `data`, which is not copied. */
function wrap(OnnxTensor: typeof Tensor, data: TensorBuffer, { shape, dtype, layout }: TraceInput): Tensor {
  const dims = physicalShape(shape, orderOf(layout, shape.length));
  const expected = { float32: Float32Array, int32: Int32Array, bool: Uint8Array }[dtype];
  if (!(data instanceof expected)) {
    throw new TrainingError(`expected \`${expected.name}\` for ${dtype} data, got ${data.constructor.name}`);
  }
  return new OnnxTensor(dtype, data as Float32Array, dims) as Tensor;
}
