import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'ava';
import { TrainingError } from '../../../training/errors.js';
import { encodeModel, type Initializer } from '../../../training/onnx/model-proto.js';
import { readOnnxFile } from '../../../training/onnx/onnx-file.js';
import { ProtobufMessage } from '../../../training/onnx/protobuf-reader.js';
import { ProtobufWriter } from '../../../training/onnx/protobuf-writer.js';
import { readModel } from '../../../training/onnx/read-model.js';
import { readTensor } from '../../../training/onnx/read-tensor.js';
import { float, floats, int, ints, modelBytes, node, text } from '../perception-graph/import/carry-over.js';

/** A TensorProto of a type, whose fields `write` adds. */
function tensorOf(
  type: number,
  shape: readonly number[],
  write: (writer: ProtobufWriter) => void,
): Initializer {
  const writer = new ProtobufWriter();
  for (const extent of shape) writer.integer(1, extent);
  writer.integer(2, type);
  writer.string(8, 't');
  write(writer);
  return readTensor(new ProtobufMessage(writer.finish()));
}

test('nodes, attributes of every kind, constants, inputs and operator sets are read as they were written', (t) => {
  const attributes = {
    i: int(-3),
    is: ints(1, -2, 2 ** 40),
    f: float(0.5),
    fs: floats(1, 2.25),
    s: text('ä'),
    ss: { kind: 'strings', value: ['a', ''] },
    t: { kind: 'tensor', value: { dtype: 'int64', shape: [2], data: BigInt64Array.of(5n, -6n) } },
  } as const;
  const half: Initializer = { name: 'h', dtype: 'float16', shape: [3], source: Uint16Array.of(0x3c00, 0, 1) };
  const bytes = modelBytes(17, [node('Op', ['x', '', 'h'], ['', 'y'], attributes, 'some.domain')], {
    shape: ['n', 3, '?'],
    initializers: [half],
    opsets: { 'ai.onnx.ml': 3 },
  });
  const { graph, opsets, producer, functions } = readModel(bytes, 'model');
  t.deepEqual(
    [...opsets],
    [
      ['', 17],
      ['ai.onnx.ml', 3],
    ],
  );
  t.is(producer, 'rxdepth');
  t.deepEqual(functions, []);
  t.deepEqual(graph.inputs, [{ name: 'x', elementType: 1, shape: ['n', 3, '?'] }]);
  t.deepEqual(graph.initializers, [half]);
  const [read] = graph.nodes;
  t.deepEqual(
    [read?.opType, read?.domain, read?.inputs, read?.outputs],
    ['Op', 'some.domain', ['x', '', 'h'], ['', 'y']],
  );
  const numbers = Object.fromEntries(read?.attributes ?? []);
  t.deepEqual(numbers, {
    ...attributes,
    i: { kind: 'int', value: -3n },
    is: { kind: 'ints', value: [1n, -2n, 1099511627776n] },
  });
});

test('numbers are found in whichever field a tensor keeps them', (t) => {
  const packed = (values: number[]) => {
    const writer = new ProtobufWriter();
    for (const value of values) writer.integer(1, value);
    // each number of field 1 takes a byte for its key: what is left are the packed values
    return writer.finish().filter((_, i) => i % 2 === 1);
  };
  t.deepEqual(tensorOf(1, [2], (w) => [1.5, -2].map((v) => w.float(4, v))).source, Float32Array.of(1.5, -2));
  t.deepEqual(tensorOf(7, [2], (w) => [3, -4].map((v) => w.integer(7, v))).source, BigInt64Array.of(3n, -4n));
  t.deepEqual(tensorOf(2, [3], (w) => w.bytes(5, packed([1, 0, 100]))).source, Uint8Array.of(1, 0, 100));
  t.deepEqual(tensorOf(9, [2], (w) => w.bytes(5, packed([1, 0]))).source, Uint8Array.of(1, 0));
  t.deepEqual(tensorOf(10, [1], (w) => w.integer(5, 0x3c00)).source, Uint16Array.of(0x3c00));
  t.deepEqual(tensorOf(3, [1], (w) => w.integer(5, -7)).source, Int8Array.of(-7));
  t.deepEqual(tensorOf(1, [0], () => {}).source, new Float32Array());
});

test('tensors that cannot be carried over, and data that do not fit, are refused by name', (t) => {
  const refused = (type: number, shape: number[], write: (w: ProtobufWriter) => void, message: RegExp) =>
    t.throws(() => tensorOf(type, shape, write), { instanceOf: TrainingError, message });
  refused(
    16,
    [1],
    (w) => w.bytes(9, new Uint8Array(2)),
    /tensor `t` has element type bfloat16; expected one of float32/,
  );
  refused(8, [1], (w) => w.string(6, 'text'), /string/);
  refused(1, [2], (w) => w.bytes(9, new Uint8Array(4)), /of shape \[2\] should hold 2 numbers, it has 1/);
  refused(1, [1], (w) => w.bytes(9, new Uint8Array(3)), /3 bytes are no whole number of float32/);
  refused(1, [-1], () => {}, /shape/);
});

test('what is no ONNX model is refused by the name of the file', (t) => {
  const refused = (bytes: Uint8Array, message: RegExp) =>
    t.throws(() => readModel(bytes, 'net.onnx'), { instanceOf: TrainingError, message });
  refused(new TextEncoder().encode('<html>not found</html>'), /^net\.onnx is no usable ONNX model: /);
  refused(new Uint8Array(), /it has no graph and operator set/);
  const bytes = modelBytes(17, [node('Relu', ['x'], ['y'])]);
  refused(bytes.subarray(0, bytes.length - 3), /cut off/);
});

test('constants in files beside the model are read; files elsewhere are not', async (t) => {
  const folder = await mkdtemp(path.join(tmpdir(), 'rxdepth-onnx-'));
  t.teardown(() => rm(folder, { recursive: true }));
  await writeFile(path.join(folder, 'weights.bin'), new Uint8Array(Float32Array.of(7, 8, 9).buffer));
  const file = path.join(folder, 'net.onnx');
  const write = (location: string, offset: number) =>
    writeFile(
      file,
      encodeModel({
        graph: {
          ...{ name: 'g', nodes: [], inputs: [], outputs: [] },
          initializers: [
            { name: 'w', dtype: 'float32', shape: [2], source: { location, offset, length: 8 } },
          ],
        },
        opsets: new Map([['', 18]]),
        metadata: {},
      }),
    );
  await write('weights.bin', 4);
  const { model, external } = await readOnnxFile(file);
  const [constant] = model.graph.initializers;
  t.deepEqual(constant && external.get(constant)?.source, Float32Array.of(8, 9));
  await write('weights.bin', 8);
  await t.throwsAsync(readOnnxFile(file), {
    instanceOf: TrainingError,
    message: /weights\.bin, with tensors of .*net\.onnx, cannot be read: it ends at byte 12, before byte 16/,
  });
  await write('../secret', 0);
  await t.throwsAsync(readOnnxFile(file), {
    instanceOf: TrainingError,
    message: /outside of its own folder/,
  });
  await t.throwsAsync(readOnnxFile(path.join(folder, 'none.onnx')), {
    instanceOf: TrainingError,
    message: /none\.onnx cannot be read/,
  });
});
