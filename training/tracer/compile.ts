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

/** An input of a compiled function: the shape and type that TensorFlow.js code sees, and how the data that is fed lies in memory. */
export interface TraceInput extends TensorType {
  /** Memory layout of the data; default row major in the logical axes. */
  readonly layout?: Layout;
}

/** How to compile a function. */
export interface CompileOptions {
  /** Device, default `cpu`. `auto` takes the first available of CUDA, WebGPU and CPU. */
  readonly device?: DeviceChoice;
  /** Precision, default `single`. `mixed` computes convolutions and matrix products in half precision, on GPUs only. */
  readonly precision?: Precision;
  /** Threads of onnxruntime within an operation, at least 1; default: one for each core. */
  readonly threads?: number;
  /**
   * Whether idle threads of onnxruntime spin; default false. Spinning is about 8 % faster if the process has the processor for
   * itself, and many times slower if not.
   */
  readonly spinning?: boolean;
  /** Whether to keep memory between runs; default true. Without it, a training step takes longer, with the same peak memory. */
  readonly enableCpuMemArena?: boolean;
  /**
   * The activations that the backward pass of a training step computes again instead of keeping; default `none`. It saves
   * memory and takes time (docs/measurements/tracer.md has both).
   */
  readonly recompute?: Recomputation | undefined;
  /** Memory layouts of outputs, by name; default row major in the logical axes. */
  readonly outputLayouts?: Readonly<Record<string, Layout>>;
  /** Prefix of the path of a profile in Chrome's trace format, which `close` completes; default: no profile. */
  readonly profilePrefix?: string;
  /** onnxruntime's graph optimisations; default `all`. */
  readonly optimization?: 'disabled' | 'basic' | 'extended' | 'all';
  /** The tracer's own passes; default: all. */
  readonly passes?: TracerPasses;
}

/** Data of a tensor: Float32Array for `float32`, Int32Array for `int32`, Uint8Array of 0 and 1 for `bool`. */
export type TensorBuffer = ConstantData;

/** An output of a compiled function. */
export interface CompiledOutput extends TensorType {
  /** Values in the requested memory layout: as many as the product of `shape`. */
  readonly data: TensorBuffer;
}

/** A TensorFlow.js function as one ONNX graph in a session of onnxruntime. Close it after use: it holds native memory. */
export class CompiledFunction {
  /** The ONNX model as a file holds it. Its inputs are named `in:NAME`, its outputs as the function names them. */
  readonly model: Uint8Array;
  /** Logical shapes and element types of the outputs, by name. */
  readonly outputs: Readonly<Record<string, TensorType>>;
  /** The device that the session runs on. */
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
   * Traces `fn` and creates a session for it. `fn` runs once, on tensors without values: it must not read any (`dataSync`).
   * @param inputs shape, type and layout of each input of `fn`, by name
   * @throws TrainingError if the function cannot be traced; ModelError if the device is not available.
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

  /**
   * Runs the graph. It blocks the thread while it computes.
   * @param feeds values of every input that the graph uses, in its layout; read in place, and bound once while it is the same array
   * @returns the outputs by name. Their memory is the caller's.
   * @throws TrainingError if an input is missing, has another number of elements, or is of another array type.
   */
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
      results[name] = { ...type, data: outputs[name].data as TensorBuffer }; // of the three types of a trace
    }
    return results;
  }

  /** Ends a requested profile, and frees the session. Do not call `run` afterwards. */
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

/**
 * Compiles a TensorFlow.js function to one ONNX graph: it traces `fn` once, optimises the trace, and opens a session of onnxruntime.
 * @param fn TensorFlow.js code from named tensors to named tensors. It runs once, on tensors without values: it must not read any.
 * @param inputs shape, type and layout of each input, by name. Shapes are fixed.
 * @throws TrainingError if the function cannot be traced; ModelError if the device is not available.
 */
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
  return {
    bytes: builder.toModel({ resultsAsMade: true }),
    outputs,
    cpuNodes: names.filter((name) => name.startsWith(CPU_NODE)),
  };
}

/**
 * On the CPU onnxruntime plans that a buffer serves all values of one shape one after another. It keeps the buffer while it
 * lies idle in between: more memory than if each came and went. It does so only where it knows the shapes.
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
  // `data` is what `dtype` wants, as checked above; the overloads take one type each.
  return new OnnxTensor(dtype, data as Float32Array, dims) as Tensor;
}
