import { mkdirSync, mkdtempSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import test from 'ava';
import { externalData } from '../../../models/external-data.js';
import { readOnnxFile } from '../../../training/onnx/onnx-file.js';
import { ProtobufWriter } from '../../../training/onnx/protobuf-writer.js';
import { readModel } from '../../../training/onnx/read-model.js';

const root = realpathSync(mkdtempSync(path.join(os.tmpdir(), 'rxdepth-hostile-')));
test.after.always(() => rm(root, { recursive: true, force: true }));

/** A model whose one node holds a graph whose one node holds a graph, and so on. */
function nested(depth: number): Uint8Array {
  let graph = new Uint8Array();
  for (let i = 0; i < depth; i++) {
    const outer = new ProtobufWriter();
    const inner = graph;
    outer.message(1, (node) => node.message(5, (attribute) => attribute.bytes(6, inner)));
    graph = new Uint8Array(outer.finish());
  }
  return modelOf(graph);
}

function modelOf(graph: Uint8Array): Uint8Array {
  const model = new ProtobufWriter();
  model.bytes(7, graph);
  model.message(8, (opset) => opset.integer(2, 18));
  return model.finish();
}

interface Tensor {
  readonly shape: readonly (number | bigint)[];
  readonly entries: Readonly<Record<string, string>>;
}

/** A model with a float tensor in another file. */
function external(...tensors: readonly Tensor[]): Uint8Array {
  const graph = new ProtobufWriter();
  for (const [i, { shape, entries }] of tensors.entries()) {
    graph.message(5, (tensor) => {
      for (const extent of shape) tensor.integer(1, extent);
      tensor.integer(2, 1);
      tensor.string(8, `w${i}`);
      tensor.integer(14, 1);
      for (const [key, value] of Object.entries(entries)) {
        tensor.message(13, (entry) => {
          entry.string(1, key);
          entry.string(2, value);
        });
      }
    });
  }
  return modelOf(graph.finish());
}

let count = 0;
/** Writes it into a folder of its own, beside 16 bytes of weights and with `secret` outside. */
function written(bytes: Uint8Array): { file: string; folder: string } {
  const folder = path.join(root, String(count++), 'model');
  mkdirSync(folder, { recursive: true });
  const file = path.join(folder, 'net.onnx');
  writeFileSync(file, bytes);
  writeFileSync(path.join(folder, 'weights.bin'), new Uint8Array(Float32Array.of(1, 2, 3, 4).buffer));
  writeFileSync(path.join(folder, '..', 'secret'), 'not for anybody');
  return { file, folder };
}

for (const depth of [34, 3000]) {
  test(`graphs nested ${depth} deep are refused, not followed until the stack ends`, (t) => {
    const bytes = nested(depth);
    t.throws(() => readModel(bytes, 'net.onnx'), {
      name: 'TrainingError',
      message: /net\.onnx is no usable ONNX model: its graphs are nested more than 32 deep/,
    });
    if (depth > 100) t.throws(() => externalData(bytes), { name: 'ModelError', message: /nested more than/ });
  });
}

test('graphs nested as deep as real ones are read', (t) => {
  t.is(readModel(nested(10), 'net.onnx').graph.nodes.length, 1);
});

test('external data in the folder is read where it says', async (t) => {
  const { file } = written(
    external(
      { shape: [2], entries: { location: 'weights.bin', offset: '4', length: '8' } },
      { shape: [4], entries: { location: './weights.bin' } },
    ),
  );
  const found = await readOnnxFile(file);
  t.deepEqual(
    [...found.external.values()].map(({ source }) => (ArrayBuffer.isView(source) ? source : undefined)),
    [Float32Array.of(2, 3), Float32Array.of(1, 2, 3, 4)],
  );
});

const HOSTILE: readonly [
  what: string,
  shape: readonly (number | bigint)[],
  entries: Record<string, string>,
  RegExp,
][] = [
  ['a negative offset', [1], { location: 'weights.bin', offset: '-4' }, /offset -4 .*at least 0/],
  ['an offset that is no number', [1], { location: 'weights.bin', offset: 'NaN' }, /offset NaN/],
  ['an offset in hexadecimal', [1], { location: 'weights.bin', offset: '0x4' }, /offset 0x4/],
  ['an empty offset', [1], { location: 'weights.bin', offset: '' }, /offset {2}of/],
  ['an endless offset', [1], { location: 'weights.bin', offset: '9'.repeat(100_000) }, /characters more/],
  [
    'an offset beyond the file',
    [1],
    { location: 'weights.bin', offset: '900719925474099' },
    /ends at byte 16/,
  ],
  [
    'a length that is another one',
    [1],
    { location: 'weights.bin', length: '-4' },
    /takes 4 bytes, the file says -4/,
  ],
  ['more numbers than the file has', [2 ** 40], { location: 'weights.bin' }, /ends at byte 16/],
  [
    'more numbers than can be counted',
    [2 ** 31, 2 ** 31, 2 ** 31],
    { location: 'weights.bin' },
    /no file can hold/,
  ],
  ['a negative extent', [-1n], { location: 'weights.bin' }, /the shape \[-1\]/],
  ['a thousand dimensions', Array(1000).fill(1), { location: 'weights.bin' }, /has 1000 dimensions/],
  ['a way up', [1], { location: '../secret' }, /outside of its own folder/],
  ['a way down and up', [1], { location: 'a/../../secret' }, /outside of its own folder/],
  ['an absolute path', [1], { location: '/etc/passwd' }, /outside of its own folder/],
  ['a link to a file outside', [1], { location: 'link' }, /symbolic link that leads outside/],
  ['a link to a folder outside', [1], { location: 'up/secret' }, /symbolic link that leads outside/],
  ['a folder', [1], { location: 'sub' }, /no regular file/],
  ['the folder itself', [1], { location: '.' }, /no regular file/],
  ['an empty name', [1], { location: '' }, /outside of its own folder/],
  ['nothing of that name', [1], { location: 'none' }, /cannot be read/],
  ['a name with a zero', [1], { location: 'a\0b' }, /a\\x00b.*cannot be read/],
  ["onnxruntime's own memory", [1], { location: '*/_ORT_MEM_ADDR_/*', offset: '4096' }, /cannot be read/],
];

for (const [what, shape, entries, message] of HOSTILE) {
  test(`external data with ${what} is refused in a line`, async (t) => {
    const { file, folder } = written(external({ shape, entries }));
    symlinkSync('../secret', path.join(folder, 'link'));
    symlinkSync('..', path.join(folder, 'up'));
    mkdirSync(path.join(folder, 'sub'));
    const error = await t.throwsAsync(readOnnxFile(file), { name: 'TrainingError', message });
    t.true((error?.message.length ?? 0) < 1000, 'bounded');
  });
}

test('a small file does not become a large network', async (t) => {
  const tensor = { shape: [4], entries: { location: 'weights.bin' } };
  const { file } = written(external(...Array<typeof tensor>(50).fill(tensor)));
  await t.throwsAsync(readOnnxFile(file), { name: 'TrainingError', message: /over and over/ });
});
