import test from 'ava';
import {
  formatQos,
  LATCHED,
  qosMismatch,
  RELIABLE,
  SENSOR_DATA,
} from '../../../../nodes/transport/ros2/qos.js';

test('a best-effort subscription hears everybody; a reliable one no best-effort publisher', (t) => {
  t.is(qosMismatch(SENSOR_DATA, SENSOR_DATA), undefined);
  t.is(qosMismatch(RELIABLE, SENSOR_DATA), undefined);
  t.is(qosMismatch(LATCHED, SENSOR_DATA), undefined);
  t.is(
    qosMismatch(SENSOR_DATA, RELIABLE),
    'reliability does not fit: offered is `best_effort, volatile, depth 1`, requested `reliable, volatile, depth 10`',
  );
});

test('a latched subscription needs a latched publisher', (t) => {
  t.is(qosMismatch(LATCHED, LATCHED), undefined);
  t.regex(qosMismatch(RELIABLE, LATCHED) ?? '', /^durability does/);
  t.regex(qosMismatch(SENSOR_DATA, LATCHED) ?? '', /^reliability and durability does not fit/);
});

test('what a publisher keeps is not told where DDS does not tell it', (t) => {
  t.is(formatQos({ ...RELIABLE, depth: 0 }), 'reliable, volatile');
  t.is(formatQos(RELIABLE), 'reliable, volatile, depth 10');
});
