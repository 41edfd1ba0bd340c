import { parse } from '@foxglove/rosmsg';
import { ros2jazzy } from '@foxglove/rosmsg-msgs-common';
import { MessageReader, MessageWriter } from '@foxglove/rosmsg2-serialization';
import test from 'ava';
import fc from 'fast-check';
import { codecFor } from '../../msgs/codecs.js';
import { MessageError } from '../../msgs/errors.js';
import { encodeBigEndian } from './big-endian.js';
import { MESSAGE_ARBITRARIES } from './message-arbitraries.js';

const NAMES = Object.keys(MESSAGE_ARBITRARIES);

/** Typed arrays as arrays, so that messages compare by value. */
function plain(value: unknown): unknown {
  if (ArrayBuffer.isView(value)) return [...(value as Uint8Array)];
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, plain(member)]));
}

function codec(name: string) {
  const found = codecFor(name);
  if (found === undefined) throw new Error(`no codec for ${name}`);
  return found;
}

test('a codec is found under the long and the short name of its type, and not under others', (t) => {
  for (const name of NAMES) {
    t.is(codec(name).type, name.replace('/', '/msg/'));
    t.is(codec(name.replace('/', '/msg/')), codec(name));
  }
  t.is(codecFor('sensor_msgs/msg/Imu'), undefined);
  t.is(codecFor(''), undefined);
});

test('definitions have the fields that the ROS 2 Jazzy definitions have, dependencies included', (t) => {
  for (const name of NAMES) {
    const ours = parse(codec(name).definition, { ros2: true });
    for (const [i, { name: dependency, definitions }] of ours.entries()) {
      const key = (i === 0 ? name : dependency) as keyof typeof ros2jazzy;
      const reference = ros2jazzy[key];
      if (reference === undefined) continue;
      const shape = (fields: typeof definitions) =>
        fields.map(({ name, type, arrayLength, value, isArray }) => ({
          name,
          type,
          arrayLength,
          value,
          isArray: isArray === true,
        }));
      t.deepEqual(shape(definitions), shape(reference.definitions), key);
    }
  }
});

test('definitions separate their dependencies by 80 equals signs and name each once', (t) => {
  t.is(
    codec('sensor_msgs/CompressedImage').definition,
    `std_msgs/Header header\nstring format\nuint8[] data\n\n${'='.repeat(80)}\nMSG: std_msgs/Header\n` +
      `builtin_interfaces/Time stamp\nstring frame_id\n\n${'='.repeat(80)}\nMSG: builtin_interfaces/Time\n` +
      'int32 sec\nuint32 nanosec\n',
  );
  for (const name of NAMES) {
    const names = [...codec(name).definition.matchAll(/^MSG: (.*)$/gm)].map((match) => match[1]);
    t.is(new Set(names).size, names.length, name);
  }
});

for (const name of NAMES) {
  const arbitrary = MESSAGE_ARBITRARIES[name] ?? fc.constant({});
  const definitions = parse(codec(name).definition, { ros2: true });

  test(`${name} encodes to the bytes that the Foxglove writer gives`, (t) => {
    const writer = new MessageWriter(definitions);
    fc.assert(
      fc.property(arbitrary('ascii'), (message) => {
        t.deepEqual(Buffer.from(codec(name).encode(message)), Buffer.from(writer.writeMessage(message)));
      }),
    );
  });

  test(`${name} decodes what it encodes, strings in any script included, at any alignment in memory`, (t) => {
    fc.assert(
      fc.property(arbitrary('any'), fc.integer({ min: 0, max: 15 }), (message, shift) => {
        const bytes = codec(name).encode(message);
        const shifted = new Uint8Array(bytes.length + shift + 3).fill(0xa5);
        shifted.set(bytes, shift);
        t.deepEqual(plain(codec(name).decode(shifted.subarray(shift, shift + bytes.length))), plain(message));
      }),
    );
  });

  test(`${name} decodes to what the Foxglove reader gives, in both byte orders`, (t) => {
    const reader = new MessageReader(definitions);
    fc.assert(
      fc.property(arbitrary('any'), (message) => {
        const little = codec(name).encode(message);
        t.deepEqual(codec(name).decode(little), reader.readMessage(little));
        const big = encodeBigEndian(definitions, message);
        t.deepEqual(codec(name).decode(big), reader.readMessage(big));
        t.deepEqual(plain(codec(name).decode(big)), plain(message));
      }),
    );
  });

  test(`${name} cut off at any byte is a MessageError that names the type and a field`, (t) => {
    fc.assert(
      fc.property(arbitrary('any'), (message) => {
        const bytes = codec(name).encode(message);
        // The bytes after the cut stay in memory, as in a buffer that holds many messages.
        for (let end = 0; end < bytes.length; end++) {
          const error = t.throws(() => codec(name).decode(bytes.subarray(0, end)), {
            instanceOf: MessageError,
          });
          t.regex(error?.message ?? '', new RegExp(`^${codec(name).type}: field \`[\\w.[\\]]+\``));
        }
      }),
      { numRuns: 20 },
    );
  });

  test(`${name} decodes arbitrary bytes or throws a MessageError, never anything else`, (t) => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.boolean(), (bytes, little) => {
        const cdr = new Uint8Array([0, little ? 1 : 0, 0, 0, ...bytes]);
        try {
          codec(name).decode(cdr);
        } catch (error) {
          t.true(error instanceof MessageError, String(error));
        }
      }),
      { numRuns: 500 },
    );
    t.pass();
  });

  test(`${name} in parameter-list or version 2 CDR is refused with the encapsulation in the message`, (t) => {
    for (const kind of [2, 3, 6, 7, 16, 17]) {
      t.throws(() => codec(name).decode(new Uint8Array([0, kind, 0, 0, ...new Array(400).fill(0)])), {
        instanceOf: MessageError,
        message: new RegExp(
          `${codec(name).type}: expected plain CDR.*0x00${kind.toString(16).padStart(2, '0')}`,
        ),
      });
    }
  });
}

test('byte fields are views of the received bytes', (t) => {
  for (const name of ['sensor_msgs/Image', 'sensor_msgs/CompressedImage', 'sensor_msgs/PointCloud2']) {
    const [message] = fc.sample((MESSAGE_ARBITRARIES[name] ?? fc.constant({}))('ascii'), {
      numRuns: 1,
      seed: 7,
    });
    const bytes = codec(name).encode({ ...message, data: new Uint8Array([1, 2, 3]) });
    const { data } = codec(name).decode(bytes) as { data: Uint8Array };
    t.is(data.buffer, bytes.buffer);
    t.deepEqual(data, new Uint8Array([1, 2, 3]));
    const pooled = codec(name).decode(Buffer.from(bytes)) as { data: Uint8Array };
    t.is(Object.getPrototypeOf(pooled.data), Uint8Array.prototype);
  }
});
