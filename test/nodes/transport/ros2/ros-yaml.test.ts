import test from 'ava';
import { parseRosYaml } from '../../../../nodes/transport/ros2/ros-yaml.js';

/** Types and values that ROS 2 Jazzy gives these (`ros2 param dump` of a node that declares whatever it is given). */
const SCALARS: readonly (readonly [text: string, value: unknown])[] = [
  ...['y', 'Y', 'yes', 'Yes', 'YES', 'true', 'True', 'TRUE', 'on', 'On', 'ON'].map(
    (text) => [text, true] as const,
  ),
  ...['n', 'N', 'no', 'No', 'NO', 'false', 'False', 'FALSE', 'off', 'Off', 'OFF'].map(
    (text) => [text, false] as const,
  ),
  ['"yes"', 'yes'],
  ["'true'", 'true'],
  ['!!str on', 'on'],
  ['maybe', 'maybe'],
  ['yEs', 'yEs'],
  ['3', 3],
  ['-3', -3],
  ['+3', 3],
  ['0x10', 16],
  ['010', 8],
  ['0', 0],
  ['089', 89],
  ['1_000', '1_000'],
  ['1:30', '1:30'],
  ['2026-11-29', '2026-11-29'],
  ['3.', 3],
  ['.5', 0.5],
  ['-1.5e3', -1500],
  ['.inf', Infinity],
  ['-.inf', -Infinity],
  ['.nan', Number.NaN],
  ['"3"', '3'],
  ['32FC1', '32FC1'],
  ['NAME/3', 'NAME/3'],
];

for (const [text, value] of SCALARS) {
  test(`\`${text}\` is ${typeof value} ${value}`, (t) => {
    t.deepEqual(parseRosYaml(text), value);
    t.deepEqual(parseRosYaml(`a: {b: [${text}]}`), { a: { b: [value] } });
  });
}

test('keys stay strings', (t) => {
  t.deepEqual(parseRosYaml('on: 1\n3: yes\n'), { on: 1, '3': true });
});
