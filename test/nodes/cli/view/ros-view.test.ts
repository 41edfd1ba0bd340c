import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { VersionStore } from '../../../../models/versions/version-store.js';
import { DIAGNOSTIC_LEVEL } from '../../../../msgs/diagnostic-array.js';
import type { GraphTopic } from '../../../../nodes/cli/view/attached-node.js';
import { openRosView } from '../../../../nodes/cli/view/ros-view.js';
import type { RosEndpoint } from '../../../../nodes/transport/ros2/ros-node.js';
import { ViewServer } from '../../../../nodes/viewer/server/view-server.js';
import {
  exactVideo,
  VIDEO_HEIGHT,
  VIDEO_WIDTH,
  videoPictures,
  videoTools,
} from '../../../msgs/video/encode-video.js';
import { COMPRESSED_VIDEO, packetMessage } from '../../../msgs/video/packet-message.js';
import { eventually, FakeRos } from '../../fake-ros.js';
import { delivered, SECOND, testImage } from '../../test-messages.js';
import { ViewClient } from '../../viewer/view-client.js';

const withVideo = (await videoTools()) === undefined ? test.skip : test;

const NODE = '/front/perception';
const IMAGE = 'sensor_msgs/msg/Image';
const DEPTH = '/front/depth/image';
const STATUS = '/front/status';
const STATUS_TYPE = 'rxdepth_msgs/msg/PerceptionStatus';
const DIAGNOSTICS = '/diagnostics';
const FILES = new Map([['/', { type: 'text/html', bytes: Buffer.from('the page') }]]);

const publisher = (type: string): RosEndpoint => ({
  ...{ node: NODE, type },
  qos: { reliability: 'reliable', durability: 'volatile', depth: 2 },
});

const status = (model: string, version: string) => ({
  header: { stamp: { sec: 1, nanosec: 0 }, frame_id: 'camera' },
  ...{ model_name: model, model_version: version, provider: 'cpu', device: '' },
  ...{
    input_rate_hz: 5,
    output_rate_hz: 5,
    frames_in: 1,
    frames_out: 1,
    frames_dropped: 0,
    frames_failed: 0,
  },
  ...{ latency_p50_ms: 1, latency_p95_ms: 2, scale: 1, scale_source: 'model', dc_lambda: Number.NaN },
});

async function attached(t: ExecutionContext) {
  t.timeout(120_000);
  const home = await mkdtemp(path.join(os.tmpdir(), 'rxdepth-ros-view-'));
  const ros = new FakeRos();
  const said: string[] = [];
  const inputs: GraphTopic[] = [];
  const view = openRosView({
    ...{ ros, namespace: '/front', inputsOf: (node) => (node === NODE ? inputs : []), lookMs: 10 },
    ...{ say: (text: string) => void said.push(text), store: new VersionStore({ home }) },
  });
  const server = await ViewServer.open({
    ...{ hub: view.hub, subject: view.subject, host: '127.0.0.1', port: 0, files: FILES },
    say: (text) => t.log(text),
  });
  t.teardown(async () => {
    await server.close();
    await view.close();
    await rm(home, { recursive: true });
  });
  const client = await ViewClient.open(server.url);
  t.teardown(() => client.close());
  await client.until(() => client.last('models'));
  return { ros, said, inputs, view, client };
}

test('a node of the graph is seen by its topics: subscribed to while they are seen, paired by their stamps', async (t) => {
  const { ros, said, inputs, client } = await attached(t);
  await eventually(() => said.some((text) => /no perception node publishes \/front\/status/.test(text)));
  ros.publishers.set(STATUS, [publisher(STATUS_TYPE)]).set(DEPTH, [publisher(IMAGE)]);
  await client.until(() => client.last('panels')?.panels.some(({ panel }) => panel === 'depth'));
  t.true(said.includes(`looking at ${NODE}`));
  t.is(ros.subscribed.get(DEPTH) ?? 0, 0);
  client.send({ op: 'show', panels: ['depth', 'camera'] });
  await eventually(() => ros.subscribed.get(DEPTH) === 1);
  // Only now is the node subscribed to its camera.
  inputs.push({ topic: '/tf_static', type: 'tf2_msgs/msg/TFMessage' }, { topic: '/cam/image', type: IMAGE });
  await client.until(() => client.last('panels')?.panels.some(({ panel }) => panel === 'camera'));
  await eventually(() => ros.subscribed.get('/cam/image') === 1);
  const image = testImage({ stampNs: 7n * SECOND });
  ros.receive({ ...delivered(image, '/cam/image'), logTimeNs: 1n });
  const depth = {
    ...image,
    encoding: '32FC1',
    step: 4 * image.width,
    data: new Uint8Array(4 * image.width * image.height),
  };
  ros.receive({ ...delivered(depth, DEPTH), logTimeNs: 2n });
  await client.until(() => client.frame('camera', 7n * SECOND) && client.frame('depth', 7n * SECOND));

  client.send({ op: 'show', panels: [] });
  await eventually(() => ros.subscribed.get(DEPTH) === 0 && ros.subscribed.get('/cam/image') === 0);
  ros.publishers.clear();
  await client.until(() => client.last('panels')?.panels.every(({ panel }) => panel === 'camera'));
  t.true(said.includes(`${NODE} is gone from the graph`));
});

test("the model is changed by the node's services; what it lacks is told while it lacks it", async (t) => {
  const { ros, client } = await attached(t);
  client.send({ op: 'rollback', id: 1 });
  const early = await client.until(() => client.last('answer'));
  t.like(early, { ok: false, message: 'there is no perception node on the graph' });
  ros.publishers
    .set(STATUS, [publisher(STATUS_TYPE)])
    .set(DIAGNOSTICS, [publisher('diagnostic_msgs/msg/DiagnosticArray')]);
  await eventually(() => ros.subscribed.get(STATUS) === 1);
  ros.receive(delivered(status('rxdepth-lite', '4'), STATUS, STATUS_TYPE));
  await client.until(() => client.last('models')?.running === 'rxdepth-lite/4');
  await client.until(() => client.last('status')?.status.model === 'rxdepth-lite/4');
  client.send({ op: 'use', id: 2, version: 'rxdepth-lite/2' });
  await client.until(() => client.told.find((message) => message.op === 'answer' && message.id === 2));
  client.send({ op: 'rollback', id: 3 });
  await client.until(() => client.told.find((message) => message.op === 'answer' && message.id === 3));
  t.deepEqual(ros.calls, [
    { service: `${NODE}/load_model`, request: { model: 'rxdepth-lite/2' } },
    { service: `${NODE}/rollback`, request: {} },
  ]);

  await eventually(() => ros.subscribed.get(DIAGNOSTICS) === 1);
  const report = (name: string, level: number, message: string) =>
    delivered(
      {
        header: { stamp: { sec: 1, nanosec: 0 }, frame_id: '' },
        status: [{ level, name, message, hardware_id: '', values: [] }],
      },
      DIAGNOSTICS,
      'diagnostic_msgs/msg/DiagnosticArray',
    );
  ros.receive(report(`${NODE}: images`, DIAGNOSTIC_LEVEL.WARN, 'no images'));
  await client.until(() => client.last('troubles')?.texts.join() === 'no images');
  ros.receive(report('battery: cells', DIAGNOSTIC_LEVEL.ERROR, 'not ours'));
  ros.receive(report(`${NODE}: images`, DIAGNOSTIC_LEVEL.OK, 'ok'));
  await client.until(() => client.last('troubles')?.texts.length === 0);
  t.deepEqual(
    client.told.filter((message) => message.op === 'troubles').map(({ texts }) => texts),
    [['no images'], []],
  );
});

for (const coding of ['h264', 'h265'] as const)
  withVideo(
    `the camera of a node that receives ${coding} is shown as pictures, decoded while it is seen`,
    async (t) => {
      const { ros, inputs, client } = await attached(t);
      const topic = '/cam/video';
      ros.publishers.set(STATUS, [publisher(STATUS_TYPE)]);
      inputs.push({ topic, type: COMPRESSED_VIDEO });
      await client.until(() => client.last('panels')?.panels.some(({ panel }) => panel === 'camera'));
      t.is(ros.subscribed.get(topic) ?? 0, 0, 'nobody looks: nothing is received, nothing decoded');
      client.send({ op: 'show', panels: ['camera'] });
      await eventually(() => ros.subscribed.get(topic) === 1);
      const packets = await exactVideo(videoPictures(8), coding, { group: 4 });
      // It begins within a group of pictures: the first key frame after that is the fifth packet.
      for (const [index, { data }] of packets.entries()) {
        if (index < 2) continue;
        ros.receive(packetMessage(topic, BigInt(index + 1) * SECOND, { data, format: coding }));
      }
      await client.until(() => client.frame('camera', 8n * SECOND));
      const shown = client.frames.filter(({ head }) => head.panel === 'camera');
      t.is(shown[0]?.head.timeNs, String(5n * SECOND));
      t.like(shown[0]?.head, {
        topic: `${topic}/decoded`,
        width: VIDEO_WIDTH,
        height: VIDEO_HEIGHT,
        format: 'rgb',
      });
      client.send({ op: 'show', panels: [] });
      await eventually(() => ros.subscribed.get(topic) === 0);
    },
  );
