import * as tf from '@tensorflow/tfjs';
import { TrainingError } from '../errors.js';
import { euclideanNorm } from '../optimizers/euclidean-norm.js';
import { LossScale } from '../optimizers/loss-scale.js';
import {
  type CompiledFunction,
  type CompileOptions,
  compile,
  type TensorBuffer,
  type TraceInput,
} from './compile.js';
import type { Layout } from './lower/layout.js';
import { isTracing } from './trace/is-tracing.js';
import { recordingBackend } from './trace/recording-backend.js';

/** The input that scales the loss of a graph in mixed precision. */
const LOSS_SCALE = 'lossScale';

/** A parameter of a network: its logical shape, and the memory layout of its values and gradient. */
export interface StepParameter {
  /** Logical shape, such as [height, width, in, out] for filters. The type is float32. */
  readonly shape: readonly number[];
  /** Memory layout, default row major. Use `OIHW` for filters. */
  readonly layout?: Layout;
  /** Whether the step computes its gradient. */
  readonly trainable: boolean;
}

/** What a loss function returns. */
export interface LossResult {
  /** The loss to minimise, of shape []. */
  readonly loss: tf.Scalar;
  /** Scalars to report, by name, of shape []; default: none. */
  readonly metrics?: Readonly<Record<string, tf.Scalar>>;
  /** Tensors that the host uses to update its state, such as batch-norm statistics, by name. They come row major; default: none. */
  readonly updates?: Readonly<Record<string, tf.Tensor>>;
}

/** A training step to compile. */
export interface TrainingStepDefinition {
  /** The network's parameters, by name. */
  readonly parameters: Readonly<Record<string, StepParameter>>;
  /** All other inputs that change from step to step: images, targets, masks, factors. */
  readonly batch: Readonly<Record<string, TraceInput>>;
  /** The loss as TensorFlow.js code. It runs once, while tracing, on tensors without values: it must not read any. */
  readonly loss: (params: Record<string, tf.Tensor>, batch: Record<string, tf.Tensor>) => LossResult;
  /** Options of the compilation. */
  readonly options?: CompileOptions;
}

/** The results of one training step. */
export interface StepResult {
  /** The loss, not scaled. */
  readonly loss: number;
  /** The metrics, by name. */
  readonly metrics: Readonly<Record<string, number>>;
  /** Gradient of the loss by each trainable parameter, by name: its shape and layout are the parameter's. */
  readonly gradients: Readonly<Record<string, Float32Array>>;
  /** The updates, by name, row major. */
  readonly updates: Readonly<Record<string, TensorBuffer>>;
}

/** Forward and backward pass of a network as one ONNX graph. The optimiser runs on the host, beside it. */
export class TrainingStep {
  /** The compiled graph: inputs `p:NAME` (parameters) and `b:NAME` (batch), outputs `loss`, `g:NAME`, `m:NAME` and `u:NAME`. */
  readonly compiled: CompiledFunction;
  readonly #parameters: readonly string[];
  readonly #lossScale: LossScale | undefined;

  /**
   * Wraps a compiled graph; `compileTrainingStep` does so.
   * @param compiled a graph with the inputs and outputs that `compiled` names
   * @param parameters names of all parameters
   * @param lossScale the loss scale of graphs in mixed precision; absent for others
   */
  constructor(compiled: CompiledFunction, parameters: readonly string[], lossScale?: LossScale) {
    this.compiled = compiled;
    this.#parameters = parameters;
    this.#lossScale = lossScale;
  }

  /**
   * Runs one step: forward and backward pass.
   * @param parameters values of all parameters, by name, in their layouts; read in place. Keep the same arrays and update them.
   * @param batch values of all other inputs, by name, in their layouts; read in place.
   * @returns loss, metrics, gradients and updates. In mixed precision, gradients may overflow: they are then not finite, and
   * the next step uses a smaller loss scale.
   * @throws TrainingError if an input is missing, has another number of elements, or is of another array type.
   */
  async step(
    parameters: Readonly<Record<string, TensorBuffer>>,
    batch: Readonly<Record<string, TensorBuffer>>,
  ): Promise<StepResult> {
    const feeds: Record<string, TensorBuffer> = {};
    for (const name of this.#parameters) feeds[`p:${name}`] = parameters[name];
    for (const [name, data] of Object.entries(batch)) feeds[`b:${name}`] = data;
    if (this.#lossScale !== undefined) feeds[LOSS_SCALE] = this.#lossScale.value;
    const outputs = await this.compiled.run(feeds);
    const metrics: Record<string, number> = {};
    const gradients: Record<string, Float32Array> = {};
    const updates: Record<string, TensorBuffer> = {};
    for (const [key, { data }] of Object.entries(outputs)) {
      const name = key.slice(2);
      if (key.startsWith('g:'))
        gradients[name] = data as Float32Array; // of parameters, which are float32
      else if (key.startsWith('m:')) metrics[name] = Number(data[0]);
      else if (key.startsWith('u:')) updates[name] = data;
    }
    this.#lossScale?.observe(Number.isFinite(euclideanNorm(gradients)));
    return { loss: Number(outputs.loss.data[0]), metrics, gradients, updates };
  }

  /** Frees the session. Do not call `step` afterwards. */
  async close(): Promise<void> {
    await this.compiled.close();
  }
}

/**
 * Compiles a training step: it traces a loss and its gradients by every trainable parameter into one ONNX graph.
 * @throws TrainingError if the trace fails, the loss is no scalar, or it does not depend on a trainable parameter. ModelError
 * if the device is not available.
 */
export async function compileTrainingStep(definition: TrainingStepDefinition): Promise<TrainingStep> {
  const { parameters, batch, loss, options } = definition;
  const names = Object.keys(parameters);
  const trainable = names.filter((name) => parameters[name].trainable);
  const inputs: Record<string, TraceInput> = {};
  for (const name of names) {
    inputs[`p:${name}`] = {
      shape: parameters[name].shape,
      layout: parameters[name].layout,
      dtype: 'float32',
    };
  }
  for (const [name, input] of Object.entries(batch)) inputs[`b:${name}`] = input;
  const outputLayouts: Record<string, Layout> = {};
  for (const name of trainable) outputLayouts[`g:${name}`] = parameters[name].layout ?? 'logical';
  const mixed = options?.precision === 'mixed';
  if (mixed) inputs[LOSS_SCALE] = { shape: [], dtype: 'float32' };
  const compiled = await compile(
    ({ [LOSS_SCALE]: scale, ...tensors }) =>
      lossAndGradients(tensors, { names, trainable, batchNames: Object.keys(batch), loss, scale }),
    inputs,
    { ...options, outputLayouts },
  );
  return new TrainingStep(compiled, names, mixed ? new LossScale() : undefined);
}

/**
 * What a step computes, on the active backend of TensorFlow.js. `loss`, `g:NAME` the gradients in logical order, `m:NAME` and
 * `u:NAME` the metrics and updates, which outlive a tidy.
 * @param tensors `p:NAME` and `b:NAME`, parameters and batch.
 * @param scale of the loss during the backward pass, so that small gradients survive half precision.
 */
export function lossAndGradients(
  tensors: Record<string, tf.Tensor>,
  {
    names,
    trainable,
    batchNames,
    loss,
    scale,
  }: {
    readonly names: readonly string[];
    readonly trainable: readonly string[];
    readonly batchNames: readonly string[];
    readonly loss: TrainingStepDefinition['loss'];
    readonly scale?: tf.Tensor;
  },
): Record<string, tf.Tensor> {
  const params = Object.fromEntries(names.map((name) => [name, tensors[`p:${name}`]]));
  const batch = Object.fromEntries(batchNames.map((name) => [name, tensors[`b:${name}`]]));
  const results: Record<string, tf.Tensor> = {};
  const forward = (): tf.Scalar => {
    const { loss: value, metrics = {}, updates = {} } = loss(params, batch);
    if (value.rank !== 0) throw new TrainingError(`loss: expected a scalar, \`[]\`, got [${value.shape}]`);
    // What is kept outlives the tidy of the gradient; the tape ends with the trace.
    for (const [name, metric] of Object.entries(metrics)) results[`m:${name}`] = tf.keep(metric);
    for (const [name, update] of Object.entries(updates)) results[`u:${name}`] = tf.keep(update);
    results.loss = tf.keep(value);
    const scaled = scale === undefined ? value : value.mul<tf.Scalar>(scale);
    if (isTracing()) recordingBackend().recorder.beginBackward();
    return scaled;
  };
  if (trainable.length === 0) {
    forward();
    return results;
  }
  const xs = trainable.map((name) => params[name]);
  const { grads } = tf.engine().gradients(forward, xs, undefined, true);
  const missing = trainable.filter((_, i) => grads[i] === undefined || grads[i] === null);
  if (missing.length > 0) {
    throw new TrainingError(
      `the loss does not depend on the trainable parameters \`${missing.join('`, `')}\`: mark them as not trainable`,
    );
  }
  for (const [i, name] of trainable.entries()) {
    results[`g:${name}`] = scale === undefined ? grads[i] : grads[i].div(scale);
  }
  return results;
}
