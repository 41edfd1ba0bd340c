import * as tf from '@tensorflow/tfjs';
import { TrainingError } from '../../errors.js';
import { correctGradients } from '../gradients/correct-gradients.js';
import type { OpRule } from '../lower/op-rule.js';
import { OP_RULES } from '../rules/rules.js';
import { RECORDING_BACKEND } from './is-tracing.js';
import type { Recorder } from './recorder.js';
import type { ConstantData, TensorType, TraceDtype, Value } from './trace.js';

interface Entry {
  readonly value: Value;
  references: number;
}

/**
 * A TensorFlow.js backend whose tensors are values of a trace: kernels append nodes to the current recorder instead of
 * computing. Tensors of other backends that the traced function captures are read, not moved, and become constants.
 */
export class RecordingBackend extends tf.KernelBackend {
  readonly #entries = new Map<object, Entry>();
  #recorder: Recorder | undefined;

  /** The recorder of the trace that is under way. */
  get recorder(): Recorder {
    if (this.#recorder === undefined)
      throw new TrainingError('a tensor of a trace is used after the trace ended');
    return this.#recorder;
  }

  /** Runs `body` with `recorder` as the current one. Traces do not nest. */
  recordInto<T>(recorder: Recorder, body: () => T): T {
    if (this.#recorder !== undefined)
      throw new TrainingError('a trace is already under way: traces do not nest');
    this.#recorder = recorder;
    try {
      return body();
    } finally {
      this.#recorder = undefined;
      this.#entries.clear();
    }
  }

  /** A tensor that stands for `value`. */
  hold(value: Value): tf.TensorInfo {
    const dataId = {};
    this.#entries.set(dataId, { value, references: 1 });
    return { dataId, shape: [...value.shape], dtype: value.dtype };
  }

  /** The traced value of a tensor; a tensor of another backend becomes a constant. */
  traced(tensor: tf.TensorInfo, what: string): Value {
    const entry = this.#entries.get(tensor.dataId);
    if (entry !== undefined) {
      if (sameShape(entry.value.shape, tensor.shape) && entry.value.dtype === tensor.dtype)
        return entry.value;
      throw new TrainingError(`${what}: the tensor's type changed outside the trace`);
    }
    if (tensor instanceof tf.Variable) {
      throw new TrainingError(
        `${what} reads the variable \`${tensor.name}\`, which a trace would freeze: pass its value as an input`,
      );
    }
    return this.recorder.constant(
      tf.engine().readSync(tensor.dataId) as ConstantData, // strings and complex numbers: `checkedType` refuses
      checkedType(tensor.shape, tensor.dtype, what),
      tensor.dataId,
    );
  }

  override write(values: tf.backend_util.BackendValues, shape: number[], dtype: tf.DataType): object {
    const type = checkedType(shape, dtype, 'a constant');
    const value = this.recorder.constant(values as ConstantData, type); // no strings, as just checked
    return this.hold(value).dataId;
  }

  override move(
    dataId: object,
    values: tf.backend_util.BackendValues,
    shape: number[],
    dtype: tf.DataType,
    references: number,
  ): void {
    const type = checkedType(shape, dtype, 'a constant');
    const value = this.recorder.constant(values as ConstantData, type); // no strings, as just checked
    this.#entries.set(dataId, { value, references });
  }

  override readSync(dataId: object): tf.backend_util.BackendValues {
    const value = this.#entries.get(dataId)?.value;
    if (value?.origin.kind !== 'constant') {
      throw new TrainingError(
        `${currentOp()}: the traced function reads a tensor's data (data, dataSync, array, print or a condition on it), ` +
          'which has none while it is traced: use tensor operations such as `tf.where` instead',
      );
    }
    const { constant } = value.origin;
    if (constant.kind === 'data') return constant.data;
    return new Float32Array(tf.util.sizeFromShape([...value.shape])).fill(constant.value);
  }

  override async read(dataId: object): Promise<tf.backend_util.BackendValues> {
    return this.readSync(dataId);
  }

  override disposeData(dataId: object, force = false): boolean {
    const entry = this.#entries.get(dataId);
    if (entry === undefined) return true;
    entry.references -= 1;
    if (!force && entry.references > 0) return false;
    this.#entries.delete(dataId);
    return true;
  }

  override refCount(dataId: object): number {
    return this.#entries.get(dataId)?.references ?? 0;
  }

  override incRef(dataId: object): void {
    const entry = this.#entries.get(dataId);
    if (entry !== undefined) entry.references += 1;
  }

  override numDataIds(): number {
    return this.#entries.size;
  }

  override memory(): { unreliable: boolean } {
    return { unreliable: true };
  }

  override floatPrecision(): 16 | 32 {
    return 32;
  }

  override epsilon(): number {
    return 1e-7;
  }

  override timerAvailable(): boolean {
    return false;
  }

  override dispose(): void {
    this.#entries.clear();
  }
}

let instance: RecordingBackend | undefined;

/** The one recording backend, registered with TensorFlow.js together with its kernels on first use. */
export function recordingBackend(): RecordingBackend {
  if (instance !== undefined) return instance;
  // Once its cpu backend is used, TensorFlow.js advises on the console to install tfjs-node; here it only folds constants.
  tf.env().set('PROD', true);
  correctGradients();
  const backend = new RecordingBackend();
  const rules = new Map<string, OpRule>();
  for (const rule of OP_RULES) {
    if (rules.has(rule.kernelName))
      throw new TrainingError(`two rules are registered for kernel \`${rule.kernelName}\``);
    rules.set(rule.kernelName, rule);
  }
  // Kernels without a rule are registered too, so that the message can name the op.
  const others = tf.getKernelsForBackend('cpu').map((kernel) => kernel.kernelName);
  for (const kernelName of new Set([...rules.keys(), ...others])) {
    tf.registerKernel({
      kernelName,
      backendName: RECORDING_BACKEND,
      kernelFunc: ({ inputs, attrs }) => run(backend, rules.get(kernelName), kernelName, inputs, attrs),
    });
  }
  tf.registerBackend(RECORDING_BACKEND, () => backend, 0);
  instance = backend;
  return backend;
}

function run(
  backend: RecordingBackend,
  rule: OpRule | undefined,
  kernelName: string,
  inputs: object,
  attributes: unknown,
): tf.TensorInfo | tf.TensorInfo[] {
  const opName = currentOp();
  if (rule === undefined) {
    throw new TrainingError(
      `the kernel \`${kernelName}\`, run by the op \`${opName}\`, cannot be traced: there is no rule for it in training/tracer/rules`,
    );
  }
  const values: Record<string, Value> = {};
  for (const [name, tensor] of Object.entries(inputs)) {
    if (tensor !== undefined && tensor !== null) values[name] = backend.traced(tensor, opName);
  }
  const outputs = backend.recorder.run(rule, { kernelName, opName, inputs: values, attributes });
  const held = outputs.map((value) => backend.hold(value));
  return rule.list === true ? held : held[0];
}

/** The TensorFlow.js op that is running: the innermost scope that an op opened. */
export function currentOp(): string {
  const scopes: readonly { name: string }[] = tf.engine().state.scopeStack;
  const scope = scopes.findLast(({ name }) => name !== 'unnamed scope')?.name ?? 'no op';
  return scope.replace(/_?_op$|__op$|_$/, '');
}

function checkedType(shape: readonly number[], dtype: tf.DataType, what: string): TensorType {
  if (dtype !== 'float32' && dtype !== 'int32' && dtype !== 'bool') {
    throw new TrainingError(`${what}: expected \`float32\`, \`int32\` or \`bool\`, got ${dtype}`);
  }
  return { shape: [...shape], dtype: dtype satisfies TraceDtype };
}

function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((extent, axis) => extent === b[axis]);
}
