import test from 'ava';
import { ParameterOverrides } from '../../../../nodes/transport/ros2/parameter-overrides.js';
import { RELIABLE, SENSOR_DATA } from '../../../../nodes/transport/ros2/qos.js';
import { QosOverrides } from '../../../../nodes/transport/ros2/qos-overrides.js';

const IMAGE = '/camera/image_raw';
const of = (values: Readonly<Record<string, unknown>>) => new QosOverrides(new Map(Object.entries(values)));

test('what the user says of one end of a topic counts there, policy by policy, and nowhere else', (t) => {
  const overrides = of({
    [`qos_overrides.${IMAGE}.subscription.reliability`]: 'reliable',
    [`qos_overrides.${IMAGE}.subscription.depth`]: 5,
    [`qos_overrides.${IMAGE}.subscription.history`]: 'keep_last',
    'qos_overrides./rxdepth/depth/image.publisher.durability': 'transient_local',
    max_age: 3,
  });
  t.deepEqual(overrides.apply('subscription', IMAGE, SENSOR_DATA), {
    ...{ reliability: 'reliable', durability: 'volatile', depth: 5 },
  });
  t.deepEqual(overrides.apply('publisher', IMAGE, SENSOR_DATA), SENSOR_DATA);
  t.deepEqual(overrides.apply('publisher', '/rxdepth/depth/image', RELIABLE), {
    ...RELIABLE,
    durability: 'transient_local',
  });
  t.deepEqual(overrides.ignored, []);
});

test('parameter files nest them as ROS has it, and the command line names them flat', (t) => {
  const file = `
/**:
  ros__parameters:
    qos_overrides:
      /camera/image_raw:
        subscription:
          reliability: reliable
          depth: 7
`;
  const flat = `qos_overrides.${IMAGE}.subscription.depth:=9`;
  const args = ['--ros-args', '--params-file', 'a.yaml', '-p', flat];
  const { values } = new ParameterOverrides(args, () => file).of('/rxdepth/perception');
  t.like(new QosOverrides(values).apply('subscription', IMAGE, SENSOR_DATA), {
    reliability: 'reliable',
    depth: 9,
  });
});

test('policies and ends that there are not here are left aside in so many words', (t) => {
  const { ignored } = of({
    [`qos_overrides.${IMAGE}.subscription.deadline`]: 100,
    [`qos_overrides.${IMAGE}.subscription_left.depth`]: 2,
  });
  t.is(ignored.length, 2);
  t.regex(ignored[0] ?? '', /`deadline` cannot be set here; reliability, durability, depth, history can/);
  t.regex(ignored[1] ?? '', /no subscription of this node has an id/);
});

for (const [name, value, expected] of [
  [`${IMAGE}.subscription.reliability`, 'best', 'reliable'],
  [`${IMAGE}.subscription.reliability`, true, 'reliable'],
  [`${IMAGE}.subscription.durability`, 'local', 'transient_local'],
  [`${IMAGE}.subscription.depth`, 0, 'a whole number'],
  [`${IMAGE}.subscription.depth`, 2.5, 'a whole number'],
  [`${IMAGE}.subscription.depth`, '3', 'a whole number'],
  [`${IMAGE}.subscription.history`, 'keep_all', 'keep_last'],
  [`${IMAGE}.subscription.colour`, 1, 'reliability'],
  ['camera/image_raw.subscription.depth', 1, '/FULL/TOPIC'],
  [`${IMAGE}.listener.depth`, 1, 'publisher'],
] as const)
  test(`qos_overrides.${name} = ${JSON.stringify(value)} is refused with its name and what was expected`, (t) => {
    const full = `qos_overrides.${name}`;
    const error = t.throws(() => of({ [full]: value }));
    t.true(error?.message.includes(full), error?.message);
    t.true(error?.message.includes(expected), error?.message);
  });
