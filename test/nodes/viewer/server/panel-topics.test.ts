import test from 'ava';
import { hasOutputs, panelTopics } from '../../../../nodes/viewer/server/panel-topics.js';

const image = (topic: string) => ({ topic, type: 'sensor_msgs/msg/Image' });
const cloud = (topic: string) => ({ topic, type: 'sensor_msgs/msg/PointCloud2' });
const OURS = [image('/rxdepth/depth/image'), image('/rxdepth/segmentation/labels'), cloud('/rxdepth/points')];

test("a LiDAR's cloud, or another camera's depth, takes no panel of the node", (t) => {
  const others = [cloud('/velodyne/points'), image('/stereo/depth/image'), cloud('/points')];
  const topics = panelTopics([...others, ...OURS], '/camera/image_raw');
  t.deepEqual(
    [...topics],
    [
      ['depth', ['/rxdepth/depth/image']],
      ['labels', ['/rxdepth/segmentation/labels']],
      ['cloud', ['/rxdepth/points']],
    ],
  );
});

test('without metres there is no cloud, whatever other clouds there are', (t) => {
  const topics = [cloud('/velodyne/points'), image('/front/depth/relative'), image('/front/dynamic/mask')];
  t.deepEqual([...panelTopics(topics, undefined).keys()], ['depth', 'dynamic']);
});

test('the camera is the topic that is named, if it holds pictures', (t) => {
  const camera = { topic: '/camera/image_raw/compressed', type: 'sensor_msgs/msg/CompressedImage' };
  t.deepEqual(panelTopics([camera], camera.topic).get('camera'), [camera.topic]);
  t.is(panelTopics([{ ...camera, type: 'std_msgs/msg/String' }], camera.topic).size, 0);
});

test('a recording with a cloud alone is no output of a node', (t) => {
  t.false(hasOutputs([cloud('/velodyne/points'), image('/camera/image_raw')]));
  t.true(hasOutputs(OURS));
  t.true(hasOutputs([image('/front/depth/relative')]));
});
