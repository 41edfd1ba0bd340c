import type { GraphBuilder } from '../../onnx/graph-builder.js';
import { OP_RULES } from '../rules/rules.js';
import type { TracerPasses } from '../trace/passes.js';
import type { Trace, TraceNode, Value } from '../trace/trace.js';
import type { Lowered } from './lowered.js';
import { Lowering } from './lowering.js';
import type { OpRule } from './op-rule.js';
import { DEFAULT_TARGET, type Target } from './target.js';

const rules = new Map<string, OpRule>(OP_RULES.map((rule) => [rule.kernelName, rule]));

/** The nodes that the outputs need. */
export function liveNodes(trace: Trace): TraceNode[] {
  const needed = new Set(Object.values(trace.outputs).map(({ id }) => id));
  const live: TraceNode[] = [];
  for (const node of trace.nodes.toReversed()) {
    if (!node.outputs.some(({ id }) => needed.has(id))) continue;
    for (const { id } of Object.values(node.inputs)) needed.add(id);
    live.push(node);
  }
  return live.reverse();
}

/** Adds a trace to an ONNX graph. `inputs` says where its inputs are. */
export function lowerTrace(
  builder: GraphBuilder,
  trace: Trace,
  inputs: Readonly<Record<string, Lowered>>,
  { deadCode = true, layoutPropagation = true }: TracerPasses = {},
  target: Target = DEFAULT_TARGET,
): Lowering {
  const nodes = deadCode ? liveNodes(trace) : trace.nodes;
  const consumers = new Map<number, TraceNode[]>();
  for (const node of nodes) {
    for (const { id } of Object.values(node.inputs)) {
      const list = consumers.get(id);
      if (list === undefined) consumers.set(id, [node]);
      else list.push(node);
    }
  }
  const outputs = new Set(Object.values(trace.outputs).map(({ id }) => id));
  const graph = new Lowering(builder, consumers, outputs, layoutPropagation, target);
  for (const [name, value] of Object.entries(trace.inputs)) graph.bind(value, inputs[name]);
  for (const node of nodes) {
    const lowered = builder.labelled(
      node.opName,
      () => (rules.get(node.kernelName) as OpRule).lower(node, graph), // recording has looked it up
    );
    node.outputs.forEach((value: Value, i) => {
      graph.bind(value, lowered[i]);
    });
  }
  return graph;
}
