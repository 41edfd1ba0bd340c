import test from 'ava';
import { TrainingError } from '../../../../training/errors.js';
import type { Trace, TraceNode, Value } from '../../../../training/tracer/trace/trace.js';
import { verifyTrace } from '../../../../training/tracer/trace/verify-trace.js';

const x: Value = { id: 1, shape: [2], dtype: 'float32', origin: { kind: 'input', name: 'x' } };

function node(kernelName: string, input: Value, shape: readonly number[]): TraceNode {
  const outputs: Value[] = [];
  const made: TraceNode = {
    kernelName,
    opName: kernelName.toLowerCase(),
    inputs: { x: input },
    attributes: {},
    outputs,
  };
  outputs.push({ id: 2, shape, dtype: 'float32', origin: { kind: 'node', node: made } });
  return made;
}

function trace(nodes: readonly TraceNode[], y: Value): Trace {
  return { inputs: { x }, nodes, outputs: { y } };
}

test('a trace whose values are made before they are read passes', (t) => {
  const exp = node('Exp', x, [2]);
  const log = node('Log', exp.outputs[0], [2]);
  t.notThrows(() => verifyTrace(trace([exp, log], log.outputs[0])));
});

test('each broken promise is named together with its op', (t) => {
  const exp = node('Exp', x, [2]);
  const log = node('Log', exp.outputs[0], [2]);
  const broken: readonly [Trace, RegExp][] = [
    [trace([log, exp], log.outputs[0]), /input `x` of the kernel `Log` of the op `log` is read before/],
    [trace([], exp.outputs[0]), /output `y` is read before/],
    [trace([exp, exp], exp.outputs[0]), /`Exp`.*exists already/],
    [trace([node('Exp', x, [1.5])], x), /`Exp`.*whole extents.*1\.5/],
    [
      trace([], {
        ...x,
        origin: { kind: 'constant', constant: { kind: 'data', data: new Float32Array(3) } },
      }),
      /output `y`: expected `2` elements.*got 3/,
    ],
  ];
  for (const [bad, message] of broken)
    t.throws(() => verifyTrace(bad), { instanceOf: TrainingError, message });
});
