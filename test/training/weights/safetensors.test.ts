import test from 'ava';
import fc from 'fast-check';
import { TrainingError } from '../../../training/errors.js';
import {
  decodeSafetensors,
  encodeSafetensors,
  type StoredTensor,
} from '../../../training/weights/safetensors.js';

/** A file put together by hand after the format description: length, JSON, data. */
function fileOf(header: unknown, data: number[] = []): Uint8Array {
  const json = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header));
  const bytes = new Uint8Array(8 + json.length + data.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true);
  bytes.set(json, 8);
  bytes.set(data, 8 + json.length);
  return bytes;
}

const floats = (bytes: Uint8Array): number[] => [...new Float32Array(bytes.slice().buffer)];

test('reads a file that was put together by hand', (t) => {
  const bytes = fileOf(
    {
      __metadata__: { format: 'pt' },
      b: { dtype: 'F16', shape: [2], data_offsets: [8, 12] },
      a: { dtype: 'F32', shape: [1, 2], data_offsets: [0, 8] },
      empty: { dtype: 'F32', shape: [0, 3], data_offsets: [12, 12] },
    },
    [0, 0, 128, 63, 0, 0, 0, 192, 0, 60, 0, 192], // 1, -2 in float32, 1, -2 in float16
  );
  const { tensors, metadata } = decodeSafetensors(bytes, 'x');
  t.deepEqual(metadata, { format: 'pt' });
  t.deepEqual(floats(tensors.get('a')?.bytes ?? new Uint8Array()), [1, -2]);
  t.deepEqual([...(tensors.get('b')?.bytes ?? [])], [0, 60, 0, 192]);
  t.deepEqual(tensors.get('empty')?.shape, [0, 3]);
});

test('writes length, a header padded with spaces to 64 bytes, and the data in order', (t) => {
  const one: StoredTensor = { dtype: 'F32', shape: [], bytes: Uint8Array.of(0, 0, 128, 63) };
  const two: StoredTensor = { dtype: 'F16', shape: [1, 2], bytes: Uint8Array.of(1, 2, 3, 4) };
  const { bytes, locations } = encodeSafetensors({
    tensors: new Map([
      ['z', one],
      ['1', two], // JavaScript would list a key like this first; its offsets must not change
    ]),
    metadata: { by: 'test' },
  });
  const headerLength = new DataView(bytes.buffer).getUint32(0, true);
  t.is((8 + headerLength) % 64, 0);
  const text = new TextDecoder().decode(bytes.subarray(8, 8 + headerLength));
  t.is(text[0], '{', 'the format wants the header to begin with {');
  t.regex(text, /\} *$/);
  t.deepEqual(JSON.parse(text), {
    __metadata__: { by: 'test' },
    z: { dtype: 'F32', shape: [], data_offsets: [0, 4] },
    1: { dtype: 'F16', shape: [1, 2], data_offsets: [4, 8] },
  });
  t.deepEqual([...bytes.subarray(8 + headerLength)], [0, 0, 128, 63, 1, 2, 3, 4]);
  t.deepEqual(locations.get('1'), { dtype: 'F16', shape: [1, 2], offset: 12 + headerLength, length: 4 });
});

test('what was written is read back, whatever the names and sizes', (t) => {
  const tensor = fc
    .record({
      dtype: fc.constantFrom('F32' as const, 'F16' as const),
      shape: fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 4 }),
      seed: fc.nat(255),
    })
    .map(({ dtype, shape, seed }): StoredTensor => {
      const size = shape.reduce((a, b) => a * b, 1) * (dtype === 'F32' ? 4 : 2);
      return { dtype, shape, bytes: Uint8Array.from({ length: size }, (_, i) => (seed + i * 7) & 255) };
    });
  const names = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom('__proto__', 'constructor', '0', '17'),
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(names, tensor)), (entries) => {
      const tensors = new Map(entries.filter(([name]) => name !== '__metadata__'));
      const { bytes } = encodeSafetensors({ tensors, metadata: {} });
      const back = decodeSafetensors(bytes, 'x').tensors;
      t.deepEqual([...back].sort(byName), [...tensors].sort(byName));
    }),
    { numRuns: 100 },
  );
});

const byName = ([a]: [string, unknown], [b]: [string, unknown]): number => (a < b ? -1 : 1);

test("a Buffer out of Node's pool gives tensors that can be copied alone", (t) => {
  const tensor: StoredTensor = {
    dtype: 'F32',
    shape: [2],
    bytes: new Uint8Array(Float32Array.of(3, 4).buffer),
  };
  const { bytes } = encodeSafetensors({ tensors: new Map([['w', tensor]]), metadata: {} });
  const pooled = Buffer.concat([Buffer.from([9, 9, 9]), bytes]).subarray(3); // unaligned, in a larger buffer
  const read = decodeSafetensors(pooled, 'x').tensors.get('w')?.bytes ?? new Uint8Array();
  t.is(read.slice().buffer.byteLength, 8);
  t.deepEqual(floats(read), [3, 4]);
});

test('tensors of other data types are named, not read', (t) => {
  const bytes = fileOf(
    {
      'bn1.num_batches_tracked': { dtype: 'I64', shape: [], data_offsets: [0, 8] },
      w: { dtype: 'F32', shape: [], data_offsets: [8, 12] },
    },
    [1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 128, 63],
  );
  const { tensors, unread } = decodeSafetensors(bytes, 'x');
  t.deepEqual([...tensors.keys()], ['w']);
  t.deepEqual([...unread], [['bn1.num_batches_tracked', 'I64']]);
});

test('every truncation of a file is an error that names it', (t) => {
  const bytes = fileOf({ w: { dtype: 'F32', shape: [2], data_offsets: [0, 8] } }, [0, 1, 2, 3, 4, 5, 6, 7]);
  t.notThrows(() => decodeSafetensors(bytes, 'x'));
  for (let length = 0; length < bytes.length; length++) {
    t.throws(() => decodeSafetensors(bytes.subarray(0, length), 'weights.safetensors'), {
      instanceOf: TrainingError,
      message: /^weights\.safetensors is no usable safetensors file/,
    });
  }
});

test('headers that lie are errors', (t) => {
  const four = [0, 0, 0, 0];
  const entry = { dtype: 'F32', shape: [1], data_offsets: [0, 4] };
  const hostile: [string, unknown, number[]][] = [
    ['no JSON', '{"w":', []],
    ['an array', [], []],
    ['an entry that is no object', { w: 3 }, []],
    ['an entry that is null', { w: null }, []],
    ['no shape', { w: { dtype: 'F32', data_offsets: [0, 4] } }, four],
    ['a dtype that is no text', { w: { ...entry, dtype: 1 } }, four],
    ['negative extents', { w: { ...entry, shape: [-1, -1] } }, four],
    ['fractional extents', { w: { ...entry, shape: [0.5, 2] } }, four],
    ['an extent beyond the exact integers', { w: { ...entry, shape: [1e300] } }, four],
    ['a shape too large', { w: { ...entry, shape: [2 ** 31, 2 ** 31] } }, four],
    ['three offsets', { w: { ...entry, data_offsets: [0, 4, 4] } }, four],
    ['a negative offset', { w: { ...entry, data_offsets: [-4, 0] } }, four],
    ['offsets the wrong way round', { w: { ...entry, data_offsets: [4, 0] } }, four],
    ['offsets outside the file', { w: { ...entry, data_offsets: [4, 8] } }, four],
    ['overlapping tensors', { v: entry, w: entry }, four],
    ['a hole', { w: { ...entry, data_offsets: [4, 8] } }, [...four, ...four]],
    ['bytes after the last tensor', { w: entry }, [...four, 0]],
  ];
  for (const [what, header, data] of hostile) {
    t.throws(() => decodeSafetensors(fileOf(header, data), 'x'), { instanceOf: TrainingError }, what);
  }
  const latin1 = fileOf('{"?":{}}');
  latin1[10] = 0xe4;
  t.throws(() => decodeSafetensors(latin1, 'x'), { message: /not JSON in UTF-8/ });
  const endless = fileOf({});
  endless.fill(255, 0, 8);
  t.throws(() => decodeSafetensors(endless, 'x'), { message: /header claims/ });
});

test('a tensor whose bytes do not fit its shape is not written', (t) => {
  const tensor: StoredTensor = { dtype: 'F16', shape: [3], bytes: new Uint8Array(5) };
  t.throws(() => encodeSafetensors({ tensors: new Map([['w', tensor]]), metadata: {} }), {
    instanceOf: TrainingError,
    message: /`w` has 5 bytes.*takes 6/,
  });
});
