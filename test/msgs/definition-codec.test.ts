import { parse } from '@foxglove/rosmsg';
import { MessageReader, MessageWriter } from '@foxglove/rosmsg2-serialization';
import test from 'ava';
import { definitionCodec } from '../../msgs/definition-codec.js';
import { MessageError } from '../../msgs/errors.js';

const ALL_TYPES = `bool flag
int8 a
uint64 b
int16 c
int64 d
uint16 e
float32 f
string text
duration elapsed
time stamp
Inner inner
int8[] bytes
uint8[3] fixed
int16[<=4] bounded
uint16[] words
int32[] ints
uint32[] counts
float32[] floats
int64[] longs
uint64[] ulongs
string[] names
bool[] flags
Empty[] nothing
================================================================================
MSG: test_msgs/Inner
uint8 KIND=3
uint8 kind
float64 value
================================================================================
MSG: test_msgs/Empty
`;

const MESSAGE = {
  ...{ flag: true, a: -5, b: 2n ** 63n, c: -300, d: -(2n ** 62n), e: 65535, f: 0.5, text: 'abc' },
  elapsed: { sec: -1, nanosec: 5 },
  stamp: { sec: 7, nanosec: 9 },
  inner: { kind: 3, value: Math.PI },
  bytes: new Int8Array([-1, 2]),
  fixed: new Uint8Array([1, 2, 3]),
  bounded: new Int16Array([-7]),
  words: new Uint16Array([1, 65535]),
  ints: new Int32Array([-70000]),
  counts: new Uint32Array([0xffffffff]),
  floats: new Float32Array([1.5, -2.5]),
  longs: new BigInt64Array([-1n]),
  ulongs: new BigUint64Array([2n ** 64n - 1n]),
  names: ['', 'x', 'longer'],
  flags: [true, false, true],
  nothing: [{}, {}],
};

test('every primitive type and every kind of array is read and written as the Foxglove library does', (t) => {
  const definitions = parse(ALL_TYPES, { ros2: true });
  const codec = definitionCodec<typeof MESSAGE>('test_msgs/msg/All', ALL_TYPES);
  const bytes = codec.encode(MESSAGE);
  t.deepEqual(bytes, new MessageWriter(definitions).writeMessage(MESSAGE));
  t.deepEqual(codec.decode(bytes), new MessageReader(definitions).readMessage(bytes));
  t.deepEqual(codec.decode(bytes), MESSAGE);
});

test('a field that is missing or of the wrong length is an error that names it', (t) => {
  const codec = definitionCodec<object>('test_msgs/msg/All', ALL_TYPES);
  const refuses = (changes: object, message: RegExp) =>
    t.throws(() => codec.encode({ ...MESSAGE, ...changes }), { instanceOf: MessageError, message });
  refuses({ text: undefined }, /test_msgs\/msg\/All: field text is missing, expected `string`/);
  refuses({ inner: { kind: 1 } }, /field inner\.value is missing/);
  refuses({ fixed: [1, 2] }, /field fixed: expected `3` elements, got 2/);
});

test('a definition that cannot be parsed, or lacks a dependency, is a MessageError', (t) => {
  t.throws(() => definitionCodec('a/msg/B', 'float32 = = 3').encode({}), {
    instanceOf: MessageError,
    message: /a\/msg\/B: expected a `ros2msg` definition/,
  });
  t.throws(() => definitionCodec('a/msg/B', 'other_msgs/Missing field').encode({ field: {} }), {
    instanceOf: MessageError,
  });
});
