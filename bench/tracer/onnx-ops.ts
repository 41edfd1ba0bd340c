/** Field numbers of ONNX's protobuf messages. Source: onnx.proto. */
const MODEL_GRAPH = 7;
const GRAPH_NODE = 1;
const NODE_OP_TYPE = 4;

/** The op of every node of an ONNX model, those of subgraphs left out. */
export function onnxOps(model: Uint8Array): string[] {
  return fields(model, MODEL_GRAPH)
    .flatMap((graph) => fields(graph, GRAPH_NODE))
    .flatMap((node) => fields(node, NODE_OP_TYPE))
    .map((name) => new TextDecoder().decode(name));
}

/** The contents of every length-delimited field `number` of a protobuf message. */
function fields(message: Uint8Array, number: number): Uint8Array[] {
  const found: Uint8Array[] = [];
  let position = 0;
  const varint = (): number => {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = message[position++];
      value += (byte & 127) * factor;
      if (byte < 128) return value;
    }
  };
  while (position < message.length) {
    const key = varint();
    const wire = key % 8;
    if (wire === 0) varint();
    else if (wire === 1) position += 8;
    else if (wire === 5) position += 4;
    else {
      const length = varint();
      if (Math.floor(key / 8) === number) found.push(message.subarray(position, position + length));
      position += length;
    }
  }
  return found;
}
