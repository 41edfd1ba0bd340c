import { TrainingError } from '../../errors.js';
import { sizeOf } from '../../onnx/tensor-data.js';
import type { OpRule } from '../lower/op-rule.js';
import { foldCall } from './fold-constants.js';
import {
  type Constant,
  type ConstantData,
  constantOf,
  describeType,
  type KernelCall,
  type TensorType,
  type TraceDtype,
  type TraceNode,
  type Value,
} from './trace.js';

/** Constants up to this many elements are computed while tracing where all inputs of a kernel are constant. */
const FOLDED_ELEMENTS = 1 << 16;

/** Appends nodes to a trace; constants are folded and values that need no node are found on the way. */
export class Recorder {
  readonly nodes: TraceNode[] = [];
  readonly #captured = new WeakMap<object, Value>();
  readonly #folding: boolean;
  #nextId = 0;
  #backwardFrom: number | undefined;

  /** @param folding whether constants are folded: see `TracerPasses.constantFolding`. */
  constructor(folding = true) {
    this.#folding = folding;
  }

  /** Where the backward pass begins, if `beginBackward` was called. */
  get backwardFrom(): number | undefined {
    return this.#backwardFrom;
  }

  /** Says that all nodes from here on belong to the backward pass. */
  beginBackward(): void {
    this.#backwardFrom = this.nodes.length;
  }

  input(name: string, type: TensorType): Value {
    return this.#value(type, { kind: 'input', name });
  }

  /** @param source the identity of a tensor outside the trace, so that it becomes one constant however often it is read. */
  constant(values: ConstantData, type: TensorType, source?: object): Value {
    const known = source === undefined ? undefined : this.#captured.get(source);
    if (known !== undefined) return known;
    const value = this.#constant(asConstant(values, type), type);
    if (source !== undefined) this.#captured.set(source, value);
    return value;
  }

  /** Types the call and appends it, unless its result is already known. */
  run(rule: OpRule, call: KernelCall): readonly Value[] {
    checkAccepted(rule, call);
    const types = inferred(rule, call);
    const folded = this.#fold(rule, call, types);
    if (folded !== undefined) return [folded];
    const outputs: Value[] = [];
    const node: TraceNode = { ...call, outputs };
    for (const type of types) outputs.push(this.#value(type, { kind: 'node', node }));
    this.nodes.push(node);
    return outputs;
  }

  #fold(rule: OpRule, call: KernelCall, types: readonly TensorType[]): Value | undefined {
    const [type] = types;
    if (types.length !== 1 || rule.list === true) return undefined;
    if (!this.#folding && rule.makesConstant !== true) return undefined;
    const simple = rule.simplify?.(call, type);
    if (simple !== undefined) {
      if ('kind' in simple) return this.#constant(simple, type);
      if (describeType(simple) === describeType(type)) return simple;
      throw new TrainingError(
        `rule ${rule.kernelName}: simplified ${describeType(type)} to ${describeType(simple)}`,
      );
    }
    const inputs = Object.values(call.inputs);
    const constants = inputs.map(constantOf);
    if (constants.length === 0 || constants.includes(undefined)) return undefined;
    const uniform = constants.every((constant) => constant?.kind === 'uniform');
    if (uniform && rule.uniform === 'moves') {
      const [constant] = constants;
      return constant === undefined ? undefined : this.#constant(constant, type);
    }
    if (uniform && rule.uniform === 'elementwise') {
      const [value] = foldCall(call, (input) => ({ ...input, shape: [] }));
      return this.#constant({ kind: 'uniform', value: Number(value) }, type);
    }
    if (Math.max(sizeOf(type.shape), ...inputs.map((input) => sizeOf(input.shape))) > FOLDED_ELEMENTS)
      return undefined;
    return this.#constant(asConstant(foldCall(call), type), type);
  }

  #constant(constant: Constant, type: TensorType): Value {
    return this.#value(type, { kind: 'constant', constant });
  }

  #value(type: TensorType, origin: Value['origin']): Value {
    this.#nextId += 1;
    return { id: this.#nextId, shape: [...type.shape], dtype: type.dtype, origin };
  }
}

/** The types of the call's results. What TensorFlow.js says about inputs that do not fit is given the op's name. */
function inferred(rule: OpRule, call: KernelCall): readonly TensorType[] {
  try {
    return rule.infer(call);
  } catch (error) {
    if (error instanceof TrainingError || !(error instanceof Error)) throw error;
    const inputs = Object.entries(call.inputs).map(([name, value]) => `${name}: ${describeType(value)}`);
    throw new TrainingError(`${call.opName}(${inputs.join(', ')}): ${error.message}`, { cause: error });
  }
}

/** Refuses element types that the rule does not accept. */
function checkAccepted({ accepts }: OpRule, { opName, kernelName, inputs }: KernelCall): void {
  if (accepts === undefined) return;
  for (const [name, { dtype }] of Object.entries(inputs)) {
    const expected = Array.isArray(accepts) ? accepts : (accepts as Record<string, TraceDtype[]>)[name]; // no list
    if (expected === undefined || expected.includes(dtype)) continue;
    throw new TrainingError(
      `${opName}: expected \`${expected.join('` or `')}\` for \`${name}\` of the kernel \`${kernelName}\`, got ${dtype}: cast it first`,
    );
  }
}

function asConstant(values: ConstantData, type: TensorType): Constant {
  const first = values[0];
  if (values.length > 0 && values.every((value) => Object.is(value, first))) {
    return { kind: 'uniform', value: Number(first) };
  }
  const Kind = { float32: Float32Array, int32: Int32Array, bool: Uint8Array }[type.dtype];
  return { kind: 'data', data: Kind.from(values) };
}
