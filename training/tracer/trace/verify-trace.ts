import { TrainingError } from '../../errors.js';
import { sizeOf } from '../../onnx/tensor-data.js';
import { constantOf, describeType, type Trace, type TraceNode, type Value } from './trace.js';

/**
 * Checks that a trace keeps the grammar's promises. Values are made before they are read, and by one node only. Extents are
 * whole numbers, and constants have as many elements as their types say.
 * @throws TrainingError naming the op.
 */
export function verifyTrace(trace: Trace): void {
  const made = new Set(Object.values(trace.inputs));
  for (const node of trace.nodes) {
    for (const [name, value] of Object.entries(node.inputs))
      verifyRead(value, made, `input \`${name}\` of ${describeNode(node)}`);
    for (const value of node.outputs) {
      if (made.has(value)) throw new TrainingError(`${describeNode(node)} makes a value that exists already`);
      if (!value.shape.every((extent) => Number.isInteger(extent) && extent >= 0)) {
        throw new TrainingError(`${describeNode(node)}: expected whole extents, got ${describeType(value)}`);
      }
      made.add(value);
    }
  }
  for (const [name, value] of Object.entries(trace.outputs)) verifyRead(value, made, `output \`${name}\``);
}

function verifyRead(value: Value, made: ReadonlySet<Value>, what: string): void {
  const constant = constantOf(value);
  if (constant === undefined) {
    if (!made.has(value)) throw new TrainingError(`${what} is read before it is made`);
    return;
  }
  if (constant.kind === 'data' && constant.data.length !== sizeOf(value.shape)) {
    throw new TrainingError(
      `${what}: expected \`${sizeOf(value.shape)}\` elements for ${describeType(value)}, got ${constant.data.length}`,
    );
  }
}

function describeNode({ kernelName, opName }: TraceNode): string {
  return `the kernel \`${kernelName}\` of the op \`${opName}\``;
}
