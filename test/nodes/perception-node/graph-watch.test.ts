import test from 'ava';
import { cameraInputs } from '../../../nodes/perception-node/camera-streams.js';
import { GraphWatch } from '../../../nodes/perception-node/graph-watch.js';
import { DEFAULTS } from '../../../nodes/perception-node/parameters.js';
import { RELIABLE, SENSOR_DATA } from '../../../nodes/transport/ros2/qos.js';
import { FakeRos } from '../fake-ros.js';

test('a QoS that does not fit because the user overrode it is told with the override to mend', (t) => {
  const ros = new FakeRos();
  const type = 'sensor_msgs/msg/Image';
  ros.publishers.set('image', [{ node: '/camera', type, qos: SENSOR_DATA }]);
  const watch = new GraphWatch(ros, cameraInputs(DEFAULTS), () => 0);
  const fits = () => watch.check(true).filter(({ text }) => text.includes('cannot be received'));
  t.deepEqual(fits(), []);
  ros.overridden.set('image', { ...RELIABLE, depth: 1 });
  t.is(fits().length, 1);
  t.regex(
    fits()[0]?.text ?? '',
    /reliability does not fit.*mend `qos_overrides\.\/test\/image\.subscription`/,
  );
});
