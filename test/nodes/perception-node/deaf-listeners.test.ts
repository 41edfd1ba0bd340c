import test from 'ava';
import { deafListeners } from '../../../nodes/perception-node/deaf-listeners.js';
import { LATCHED, RELIABLE, SENSOR_DATA } from '../../../nodes/transport/ros2/qos.js';
import { FakeRos } from '../fake-ros.js';

const IMAGE = 'sensor_msgs/msg/Image';
const DEPTH = { key: 'depth', topic: 'depth/image', type: IMAGE } as const;

test('who asks for more than is offered is told, and what to set', (t) => {
  const ros = new FakeRos();
  ros.subscribers.set('depth/image', [
    { node: '/rviz', type: IMAGE, qos: RELIABLE },
    { node: '/nav', type: IMAGE, qos: SENSOR_DATA },
    { node: '/map', type: IMAGE, qos: LATCHED },
    { node: '/old', type: 'stereo_msgs/msg/DisparityImage', qos: SENSOR_DATA },
  ]);
  const told = (output_reliability: 'reliable' | 'best_effort') =>
    deafListeners(ros, [DEPTH], { output_reliability, compressed_outputs: false }).map(({ text }) => text);
  const bestEffort = told('best_effort');
  t.is(bestEffort.length, 3);
  t.regex(
    bestEffort[0] ?? '',
    /^\/rviz subscribes to \/test\/depth\/image .*reliability does not fit: offered is `best_effort.*set `output_reliability` or `qos_overrides\.\/test\/depth\/image\.publisher\.reliability` to reliable$/,
  );
  t.regex(
    bestEffort[1] ?? '',
    /^\/map .*publisher\.reliability` to reliable, and `.*publisher\.durability` to transient_local$/,
  );
  t.regex(
    bestEffort[2] ?? '',
    /^\/old subscribes .* as `stereo_msgs\/msg\/DisparityImage`, which is `sensor_msgs\/msg\/Image`/,
  );
  t.deepEqual(told('reliable').length, 2);
  ros.overridden.set('depth/image', { ...RELIABLE, durability: 'transient_local' });
  t.deepEqual(told('best_effort').length, 1, 'overrides count');
});

test('a latched output is what it is', (t) => {
  const ros = new FakeRos();
  const type = 'vision_msgs/msg/LabelInfo';
  ros.subscribers.set('segmentation/label_info', [{ node: '/rviz', type, qos: LATCHED }]);
  const output = { key: 'labelInfo', topic: 'segmentation/label_info', type, latched: true } as const;
  t.deepEqual(
    deafListeners(ros, [output], { output_reliability: 'best_effort', compressed_outputs: false }),
    [],
  );
});

test('who asks for compressed images that are not offered is told which parameter offers them', (t) => {
  const ros = new FakeRos();
  const topic = 'depth/image/compressedDepth';
  const type = 'sensor_msgs/msg/CompressedImage';
  ros.subscribers.set(topic, [{ node: '/viewer', type, qos: SENSOR_DATA }]);
  ros.subscribers.set('scan/compressed', [{ node: '/viewer', type, qos: SENSOR_DATA }]);
  const scan = { key: 'scan', topic: 'scan', type: 'sensor_msgs/msg/LaserScan' } as const;
  const told = (compressed_outputs: boolean) =>
    deafListeners(ros, [DEPTH, scan], { output_reliability: 'best_effort', compressed_outputs }).map(
      ({ text }) => text,
    );
  t.deepEqual(told(false), [
    '/viewer subscribes to /test/depth/image/compressedDepth, which is not offered, and hears nothing: ' +
      'start the node with `compressed_outputs` true',
  ]);
  t.deepEqual(told(true), [], 'QoS and type of what is offered are another matter');
  ros.publishers.set(topic, [{ node: '/republisher', type, qos: RELIABLE }]);
  t.deepEqual(told(false), [], 'somebody else compresses');
});
