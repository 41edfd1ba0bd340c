import test from 'ava';
import { readCheckpoint } from '../../../../training/weights/pytorch/read-checkpoint.js';
import {
  floats,
  legacyCheckpoint,
  PickleWriter,
  type Written,
  type WrittenTensor,
  zip,
  zipCheckpoint,
  zipOf,
} from './write-checkpoint.js';

const STATE = new Map<string, Written>([
  ['weight', floats([1, 2, 3, 4, 5, 6], [2, 3])],
  ['bias', floats([0.5], [1])],
  ['width', 640],
  ['use_stereo', true],
]);
const FORMATS = { zip: zipCheckpoint, legacy: legacyCheckpoint } as const;

const valuesOf = (tensor: WrittenTensor, write = zipCheckpoint) => [
  ...readCheckpoint(write(new Map([['x', tensor]])), 'x.pth').floats('x'),
];

for (const [format, write] of Object.entries(FORMATS)) {
  test(`tensors and plain values of a ${format} checkpoint are read`, (t) => {
    const checkpoint = readCheckpoint(write(STATE), 'model.pth');
    t.is(checkpoint.format, format as 'zip' | 'legacy');
    t.deepEqual([...checkpoint.tensors.keys()], ['weight', 'bias']);
    t.deepEqual(checkpoint.tensors.get('weight')?.shape, [2, 3]);
    t.deepEqual([...checkpoint.floats('weight')], [1, 2, 3, 4, 5, 6]);
    t.deepEqual([...checkpoint.floats('bias')], [0.5]);
    t.deepEqual(
      [...checkpoint.values],
      [
        ['width', 640],
        ['use_stereo', true],
      ],
    );
  });

  test(`a ${format} checkpoint cut anywhere is refused, not read wrongly`, (t) => {
    const bytes = write(STATE);
    for (let length = 0; length < bytes.length; length++) {
      const error = t.throws(
        () => {
          const cut = readCheckpoint(bytes.subarray(0, length), 'model.pth');
          cut.floats('weight');
          cut.floats('bias');
        },
        { name: 'TrainingError', message: /^model\.pth/ },
        `cut to ${length} bytes`,
      );
      if (error === undefined) return;
    }
  });

  test(`a ${format} checkpoint with any byte changed is read or refused, nothing else`, (t) => {
    const original = write(STATE);
    for (let at = 0; at < original.length; at++) {
      for (const flip of [0x01, 0x80, 0xff]) {
        const bytes = Uint8Array.from(original);
        bytes[at] = (bytes[at] ?? 0) ^ flip;
        try {
          const checkpoint = readCheckpoint(bytes, 'model.pth');
          for (const name of checkpoint.tensors.keys()) checkpoint.floats(name);
        } catch (error) {
          if ((error as Error).name !== 'TrainingError')
            t.fail(`byte ${at} ^ ${flip}: ${(error as Error).stack}`);
        }
      }
    }
    t.pass();
  });
}

test('deflated entries and unaligned buffers are read', (t) => {
  const bytes = zipCheckpoint(STATE, { deflate: true });
  const shifted = new Uint8Array(bytes.length + 1);
  shifted.set(bytes, 1);
  t.deepEqual([...readCheckpoint(shifted.subarray(1), 'x').floats('weight')], [1, 2, 3, 4, 5, 6]);
});

test('every number type becomes float32', (t) => {
  const stored = (storage: string, bytes: Uint8Array, length: number) =>
    valuesOf({ storage, bytes, length, shape: [length] });
  const bytesOf = (array: { buffer: ArrayBufferLike }) => new Uint8Array(array.buffer as ArrayBuffer);
  t.deepEqual(stored('DoubleStorage', bytesOf(Float64Array.of(0.1, -2)), 2), [Math.fround(0.1), -2]);
  // 0x3c00 = 1, 0xc000 = -2, 0x0001 = 2^-24 (IEEE 754 half precision)
  t.deepEqual(stored('HalfStorage', bytesOf(Uint16Array.of(0x3c00, 0xc000, 1)), 3), [1, -2, 2 ** -24]);
  // The upper halves of the float32 numbers 1 and -2.5.
  t.deepEqual(stored('BFloat16Storage', bytesOf(Uint16Array.of(0x3f80, 0xc020)), 2), [1, -2.5]);
  t.deepEqual(stored('LongStorage', bytesOf(BigInt64Array.of(-1n, 7n)), 2), [-1, 7]);
  t.deepEqual(stored('IntStorage', bytesOf(Int32Array.of(-70000)), 1), [-70000]);
  t.deepEqual(stored('ShortStorage', bytesOf(Int16Array.of(-300)), 1), [-300]);
  t.deepEqual(stored('CharStorage', Uint8Array.of(0xff), 1), [-1]);
  t.deepEqual(stored('ByteStorage', Uint8Array.of(0xff), 1), [255]);
  t.deepEqual(stored('BoolStorage', Uint8Array.of(1, 0), 2), [1, 0]);
});

test('views of a storage are read in the order of their shape', (t) => {
  const storage = floats([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11], []);
  const view = (shape: number[], strides: number[], offset = 0) =>
    valuesOf({ ...storage, shape, strides, offset });
  t.deepEqual(view([3, 2], [1, 3]), [0, 3, 1, 4, 2, 5]); // transposed
  t.deepEqual(view([2, 2], [6, 2], 1), [1, 3, 7, 9]); // every second column, from the second on
  t.deepEqual(view([2, 3], [0, 1], 4), [4, 5, 6, 4, 5, 6]); // expanded
  t.deepEqual(view([2, 2, 3], [6, 1, 2]), [0, 2, 4, 1, 3, 5, 6, 8, 10, 7, 9, 11]); // channels last
  t.deepEqual(view([], [], 5), [5]);
  t.deepEqual(view([0, 3], [3, 1]), []);
});

test('big-endian checkpoints are read by their marker', (t) => {
  const tensor = { storage: 'FloatStorage', bytes: Uint8Array.of(0x3f, 0x80, 0, 0), length: 1, shape: [1] };
  const bytes = (byteorder: string) => zipCheckpoint(new Map([['x', tensor]]), { byteorder });
  t.deepEqual([...readCheckpoint(bytes('big'), 'x').floats('x')], [1]);
  t.throws(() => readCheckpoint(bytes('middle'), 'x'), {
    name: 'TrainingError',
    message: /"middle".*`little` or `big`/,
  });
});

test('weights are found one level deeper and without the prefix of parallel training', (t) => {
  const inner = new Map([['module.a', floats([1], [1])]]);
  const checkpoint = readCheckpoint(
    zipCheckpoint(
      new Map<string, Written>([
        ['epoch', 3],
        ['state_dict', inner],
      ]),
    ),
    'x',
  );
  t.deepEqual([...checkpoint.tensors.keys()], ['a']);
});

test('a global that is not needed for weights is named and not executed', (t) => {
  const attack = new PickleWriter().global('os', 'system').tuple().raw(0x52);
  for (const pickle of [
    attack.end(),
    // The same by STACK_GLOBAL, and never called.
    new PickleWriter().text('os').text('system').raw(0x93).end(),
  ]) {
    t.throws(() => readCheckpoint(zipOf(pickle, new Map()), 'evil.pth'), {
      name: 'TrainingError',
      message: /evil\.pth.*`os\.system`.*not executed.*state_dict/,
    });
  }
});

test('instructions that create objects in other ways are refused', (t) => {
  for (const code of [0x69, 0x6f, 0x81, 0x92, 0x82, 0x50, 0x97]) {
    const pickle = new PickleWriter().raw(code).end();
    t.throws(() => readCheckpoint(zipOf(pickle, new Map()), 'x'), {
      name: 'TrainingError',
      message: /not executed/,
    });
  }
});

test('tensors that claim more than their storage has are refused before anything is allocated', (t) => {
  const small = floats([1, 2, 3], [3]);
  const cases: [Partial<WrittenTensor>, RegExp][] = [
    [{ shape: [4] }, /reaches to element 3 of a storage of `3`/],
    [{ offset: 1 }, /reaches to element 3/],
    [{ shape: [2 ** 31 - 1, 2 ** 31 - 1], strides: [1, 1] }, /reaches to element/],
    [{ shape: [2 ** 30], strides: [0] }, /at most/],
    [{ shape: [-1] }, /negative/],
    [{ shape: [1], strides: [1, 1] }, /2 strides/],
    [{ length: 2 ** 30, shape: [2 ** 20] }, /should hold 1073741824 values.*the file has 3/],
  ];
  for (const [change, message] of cases)
    t.throws(() => valuesOf({ ...small, ...change }), { name: 'TrainingError', message });
});

test('pickles that blow themselves up are refused before they do', (t) => {
  const read = (writer: PickleWriter) => readCheckpoint(zipOf(writer.end(), new Map()), 'x');
  // A list that holds itself twice, doubled again and again: 2^1000 leaves in a few kilobytes.
  const nested = new PickleWriter();
  nested.raw(0x5d);
  for (let i = 0; i < 1000; i++) nested.raw(0x71, i & 0xff, 0x68, i & 0xff, 0x86);
  t.throws(() => read(nested), { name: 'TrainingError', message: /no dictionary/ });
  // Dictionaries made of the same long list of pairs.
  const repeated = new PickleWriter().raw(0x5d, 0x28);
  for (let i = 0; i < 2000; i++) repeated.int(i).int(i).raw(0x86);
  repeated.raw(0x65, 0x85, 0x71, 0);
  for (let i = 0; i < 5000; i++) repeated.global('collections', 'OrderedDict').raw(0x68, 0, 0x52, 0x30);
  t.throws(() => read(repeated), { name: 'TrainingError', message: /repeats itself/ });
  const integer = new PickleWriter().raw(0x8b, 0xff, 0xff, 0xff, 0xff);
  t.throws(() => read(integer), { name: 'TrainingError', message: /cut off/ });
  const cyclic = new PickleWriter().raw(0x7d, 0x71, 0).text('state_dict').raw(0x68, 0, 0x73);
  t.throws(() => read(cyclic), { name: 'TrainingError', message: /no weights/ });
});

test('zip files with impossible claims are refused', (t) => {
  const bytes = zip(new Map([['archive/data.pkl', new Uint8Array(1000)]]), true);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const central = view.getUint32(bytes.length - 6, true);
  const bomb = (size: number) => {
    view.setUint32(central + 24, size, true);
    return bytes;
  };
  t.throws(() => readCheckpoint(bomb(2 ** 31), 'x'), {
    name: 'TrainingError',
    message: /more than is plausible/,
  });
  t.throws(() => readCheckpoint(bomb(10), 'x'), { name: 'TrainingError', message: /cannot be unpacked/ });
});

test('what is no checkpoint is said to be none', (t) => {
  const read = (bytes: Uint8Array) => () => readCheckpoint(bytes, 'file.pth');
  const expected = (message: RegExp) => ({ name: 'TrainingError', message });
  t.throws(read(new Uint8Array()), expected(/file\.pth.*no PyTorch checkpoint/));
  t.throws(read(Buffer.from('<!DOCTYPE html>')), expected(/a web page/));
  t.throws(read(zip(new Map([['a.txt', new Uint8Array(3)]]))), expected(/no `data\.pkl`/));
  t.throws(
    read(
      zip(
        new Map([
          ['m/data.pkl', new Uint8Array(3)],
          ['m/constants.pkl', new Uint8Array(3)],
        ]),
      ),
    ),
    expected(/TorchScript/),
  );
  t.throws(read(new PickleWriter().int(3).end()), expected(/magic number/));
  t.throws(read(zipCheckpoint(new Map([['epoch', 3]]))), expected(/no weights/));
});
