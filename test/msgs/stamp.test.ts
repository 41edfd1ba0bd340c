import test from 'ava';
import fc from 'fast-check';
import { MessageError } from '../../msgs/errors.js';
import { nsToStamp, stampToNs } from '../../msgs/stamp.js';

test('a stamp keeps every nanosecond of the KITTI recordings', (t) => {
  t.is(stampToNs({ sec: 1317617735, nanosec: 999999999 }), 1317617735999999999n);
  t.deepEqual(nsToStamp(1317617735999999999n), { sec: 1317617735, nanosec: 999999999 });
});

test('stamps survive the way to nanoseconds and back', (t) => {
  const stamp = fc.record({
    sec: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
    nanosec: fc.integer({ min: 0, max: 999_999_999 }),
  });
  fc.assert(fc.property(stamp, (value) => t.deepEqual(nsToStamp(stampToNs(value)), value)));
});

test('times before the epoch have a negative second and a positive nanosecond part', (t) => {
  t.deepEqual(nsToStamp(-1n), { sec: -1, nanosec: 999_999_999 });
});

test('a time that does not fit the message is an error', (t) => {
  t.throws(() => nsToStamp(2n ** 31n * 1_000_000_000n), { instanceOf: MessageError, message: /int32/ });
});
