import test from 'ava';
import { durableMessages } from '../../../../nodes/transport/ros2/durable-messages.js';
import { LATCHED, type QosProfile, SENSOR_DATA } from '../../../../nodes/transport/ros2/qos.js';
import { eventually, FakeRos } from '../../fake-ros.js';
import { delivered, SECOND, testInfo } from '../../test-messages.js';

const type = 'sensor_msgs/msg/CameraInfo';
const info = (stampNs: bigint, width = 64) => delivered(testInfo({ stampNs, width }), 'info', type);
const offered = (qos: QosProfile) => [{ node: '/camera', type, qos }];

function listen(ros: FakeRos) {
  const stamps: bigint[] = [];
  const latched: boolean[] = [];
  const heard = durableMessages(ros, {
    ...{ topic: 'info', type, qos: SENSOR_DATA },
    onOffered: (is) => latched.push(is),
  }).subscribe(({ stampNs }) => stamps.push(stampNs));
  return { stamps, latched, heard };
}

test('what was latched before the subscription is heard, and nothing twice', async (t) => {
  const ros = new FakeRos();
  ros.publishers.set('info', offered(LATCHED));
  ros.receive(info(SECOND));
  const { stamps, latched, heard } = listen(ros);
  t.deepEqual(stamps, [SECOND]);
  t.deepEqual(latched, [true]);
  ros.receive(info(2n * SECOND));
  ros.receive(info(2n * SECOND));
  t.deepEqual(stamps, [SECOND, 2n * SECOND]);
  // Another calibration under the same stamp is something new.
  ros.receive(info(2n * SECOND, 32));
  t.is(stamps.length, 3);
  heard.unsubscribe();
  t.deepEqual([ros.subscribed.get('info'), ros.durably.get('info')], [0, 0]);
});

test('a publisher that latches and appears later is heard; when it goes, nobody is asked for it any more', async (t) => {
  const ros = new FakeRos();
  const { stamps, latched, heard } = listen(ros);
  t.is(ros.durably.get('info') ?? 0, 0);
  ros.receive(info(SECOND));
  ros.publishers.set('info', offered(LATCHED));
  await eventually(() => ros.durably.get('info') === 1);
  t.deepEqual(stamps, [SECOND]);
  ros.publishers.delete('info');
  await eventually(() => ros.durably.get('info') === 0);
  t.deepEqual(latched, [false, true, false]);
  heard.unsubscribe();
});

test('publishers that do not latch are never asked for what they sent before', async (t) => {
  const ros = new FakeRos();
  ros.publishers.set('info', offered(SENSOR_DATA));
  ros.receive(info(SECOND));
  const { stamps, heard } = listen(ros);
  ros.receive(info(2n * SECOND));
  t.deepEqual(stamps, [2n * SECOND]);
  t.false(ros.durably.has('info'));
  heard.unsubscribe();
});
