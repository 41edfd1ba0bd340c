import test from 'ava';
import { loadRclnodejs } from '../../../../nodes/transport/ros2/load-rclnodejs.js';
import type { Rclnodejs } from '../../../../nodes/transport/ros2/rclnodejs.js';

const sourced = { ROS_DISTRO: 'jazzy', AMENT_PREFIX_PATH: '/opt/ros/jazzy' };

test('without a sourced ROS 2 nothing is loaded and the error says what to run', async (t) => {
  const load = () => Promise.reject(new Error('must not be loaded'));
  await t.throwsAsync(loadRclnodejs({ environment: {}, load }), {
    name: 'NodeError',
    message: /`source \/opt\/ros\/jazzy\/setup\.bash`/,
  });
});

test('without rclnodejs the error says how to install it', async (t) => {
  const missing = Object.assign(new Error('Cannot find package'), { code: 'ERR_MODULE_NOT_FOUND' });
  await t.throwsAsync(loadRclnodejs({ environment: sourced, load: () => Promise.reject(missing) }), {
    name: 'NodeError',
    message: /`npm install --no-save --save-prod rclnodejs@2\.2`/,
  });
});

test('an rclnodejs of another ROS is told apart from a missing one', async (t) => {
  const load = () => Promise.reject(new Error('librcl.so: cannot open shared object file\nmore'));
  await t.throwsAsync(loadRclnodejs({ environment: sourced, load }), {
    message: /under ROS 2 jazzy: librcl\.so: cannot open shared object file; .*`npm rebuild rclnodejs`/,
  });
});

test('the default export is what rclnodejs offers to ESM', async (t) => {
  const rcl = {} as Rclnodejs;
  t.is(await loadRclnodejs({ environment: sourced, load: async () => ({ default: rcl }) }), rcl);
});
