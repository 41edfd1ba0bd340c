import test from 'ava';
import fc from 'fast-check';
import { TrainingError } from '../../../training/errors.js';
import { ProtobufMessage, protobufFields } from '../../../training/onnx/protobuf-reader.js';
import { ProtobufWriter } from '../../../training/onnx/protobuf-writer.js';

const message = (...bytes: number[]) => new ProtobufMessage(Uint8Array.from(bytes));

test("the examples of the format's description are read", (t) => {
  t.is(message(0x08, 0x96, 0x01).integer(1), 150);
  t.is(message(0x12, 0x07, 0x74, 0x65, 0x73, 0x74, 0x69, 0x6e, 0x67).string(2), 'testing');
  t.is(message(0x1a, 0x03, 0x08, 0x96, 0x01).message(3)?.integer(1), 150);
  // packed: 3, 270, 86942
  t.deepEqual(message(0x32, 0x06, 0x03, 0x8e, 0x02, 0x9e, 0xa7, 0x05).integers(6), [3n, 270n, 86942n]);
  t.is(message(0x08, 0xfe, ...Array(8).fill(0xff), 0x01).integer(1), -2);
});

test('numbers stand packed or one by one; the last one of a single field counts; what is absent has a default', (t) => {
  const single = message(0x15, 0, 0, 0x80, 0x3f, 0x15, 0, 0, 0, 0x40);
  t.deepEqual([...single.floats(2)], [1, 2]);
  t.deepEqual([...message(0x12, 8, 0, 0, 0x80, 0x3f, 0, 0, 0, 0x40).floats(2)], [1, 2]);
  t.deepEqual([...message(0x11, 0, 0, 0, 0, 0, 0, 0xf0, 0x3f).doubles(2)], [1]);
  t.is(message(0x08, 1, 0x08, 2).integer(1), 2);
  t.deepEqual([message().integer(1, 7), message().string(1), message().message(1)], [7, '', undefined]);
});

test('what the writer writes is read back', (t) => {
  fc.assert(
    fc.property(
      fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
      fc.string(),
      fc.uint8Array(),
      (n, s, b) => {
        const writer = new ProtobufWriter();
        writer.integer(1, n);
        writer.message(300, (inner) => inner.string(2, s));
        writer.bytes(3, b);
        const read = new ProtobufMessage(writer.finish());
        t.deepEqual([read.integers(1)[0], read.message(300)?.string(2)], [n, s]);
        t.deepEqual([...(read.byteFields(3)[0] ?? [])], [...b]);
      },
    ),
    { numRuns: 200 },
  );
});

test('bytes that are no message end with an error, never without end or beyond the memory', (t) => {
  for (const bytes of [
    [0x08],
    [0x12, 0x05, 0x01],
    [0x0b],
    [0x00, 0x01],
    [0x08, ...Array(11).fill(0x80)],
    [0x15, 1, 2],
  ]) {
    t.throws(() => message(...bytes), { instanceOf: TrainingError }, String(bytes));
  }
  t.throws(() => message(0x12, 0x01, 0x80).integers(2), { instanceOf: TrainingError, message: /cut off/ });
  t.throws(() => message(0x08, 1).strings(1), {
    instanceOf: TrainingError,
    message: /field 1 in it should hold bytes/,
  });
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      try {
        t.true([...protobufFields(bytes)].length <= bytes.length);
      } catch (error) {
        t.true(error instanceof TrainingError);
      }
    }),
    { numRuns: 500 },
  );
});
