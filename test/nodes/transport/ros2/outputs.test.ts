import test from 'ava';
import type { Header } from '../../../../msgs/header.js';
import { stampToNs } from '../../../../msgs/stamp.js';
import { OUTPUT_ROWS } from '../../../../nodes/perception/outputs.js';
import { LATCHED } from '../../../../nodes/transport/ros2/qos.js';
import { endsWell, type LiveGraph, liveGraph, until } from './live-graph.js';
import { scratchModel } from './scratch-model.js';

/** Made of ground or ego-motion, which pictures of noise do not show. */
const OF_A_ROAD: ReadonlySet<string> = new Set(['points/obstacles', 'points/dynamic', 'scan', 'odometry']);
const SMALL = { seconds: 1000, width: 64, height: 32 };
/** Source: lifecycle_msgs/Transition and State. */
const TRANSITION = { configure: 1, cleanup: 2, activate: 3, deactivate: 4 } as const;
const STATE = { unconfigured: 1, inactive: 2, active: 3 } as const;

interface Stamped {
  readonly header: Header;
}

/** Messages that were found to belong to an image of the camera. */
function ofTheCamera(messages: readonly Stamped[], images: readonly Stamped[]): number {
  const stamps = new Set(images.map(({ header }) => stampToNs(header.stamp)));
  return messages.filter(({ header }) => stamps.has(stampToNs(header.stamp))).length;
}

test.serial('what is made of every frame is heard on a graph, under the stamps of the camera', async (t) => {
  const graph = await liveGraph(t);
  if (graph === undefined) return;
  const node = graph.perception({
    model: await scratchModel(t, { trusts: true }),
    min_confidence: '0.1',
    obstacle_range: '50.0',
  });
  await node.says(/configured/);
  const images = graph.listen<Stamped>('camera_info', 'sensor_msgs/msg/CameraInfo', {
    ...{ reliability: 'best_effort', durability: 'volatile', depth: 100 },
  });
  const topics = OUTPUT_ROWS.filter(([, { of, metric, codec, topic }]) => {
    return (
      of === 'frame' &&
      !OF_A_ROAD.has(topic) &&
      metric !== 'never' &&
      /^std_msgs\/Header header/m.test(codec.definition.split('====')[0] ?? '')
    );
  }).map(([, { topic, codec }]) => ({ topic, heard: graph.listen<Stamped>(topic, codec.type) }));
  // Of boxes to look at, each has a header, and the message none.
  const boxes = graph.listen<object>('dynamic/markers', 'visualization_msgs/msg/MarkerArray');
  for (const expected of [
    ...['depth/confidence', 'dynamic/moving', 'dynamic/tracks', 'dynamic/velocities', 'points/static'],
  ])
    t.true(
      topics.some(({ topic }) => topic === expected),
      expected,
    );
  graph.camera({ hz: 10, phases: [SMALL] });
  const silent = () =>
    topics.filter(({ heard }) => ofTheCamera(heard.messages, images.messages) < 3).map(({ topic }) => topic);
  await until(
    () => silent().length === 0,
    () => `outputs; silent are ${silent().join(', ')}; the node said ${node.said}`,
  );
  await until(
    () => boxes.messages.length >= 3,
    () => `boxes; the node said ${node.said}`,
  );
  await endsWell(t, node, 'SIGINT');
});

test.serial(
  'qos_overrides of inputs and outputs are honoured on a graph, and a mismatch names them',
  async (t) => {
    const graph = await liveGraph(t);
    if (graph === undefined) return;
    const node = graph.perception({
      model: await scratchModel(t, { trusts: true }),
      'qos_overrides./image.subscription.reliability': 'reliable',
      'qos_overrides./depth/image.publisher.durability': 'transient_local',
    });
    await node.says(/configured/);
    const early = graph.listen<Stamped>('depth/image', 'sensor_msgs/msg/Image');
    const deaf = graph.camera({ hz: 10, phases: [SMALL], reliability: 'best_effort' });
    await node.says(/mend `qos_overrides\.\/image\.subscription`/);
    t.is(early.messages.length, 0, 'a reliable subscription hears no best-effort camera');
    await deaf.end('SIGKILL');
    const heard = graph.camera({ hz: 10, phases: [SMALL], reliability: 'reliable' });
    await until(
      () => early.messages.length > 2,
      () => `depth; the node said ${node.said}`,
    );
    await heard.end('SIGKILL');
    // Whoever comes later still hears the last one, which a volatile output would not give.
    graph.killClient();
    const late = graph.listen<Stamped>('depth/image', 'sensor_msgs/msg/Image', LATCHED);
    await until(
      () => late.messages.length > 0,
      () => `the last depth; the node said ${node.said}`,
    );
    await endsWell(t, node, 'SIGINT');

    const refused = graph.perceptionWith(['-p', 'qos_overrides./image.subscription.reliability:=best']);
    t.is(await refused.exited, 1);
    t.regex(
      refused.said,
      /qos_overrides\.\/image\.subscription\.reliability`: expected `best_effort \| reliable`/,
    );
  },
);

/** As Nav2's lifecycle manager moves a node. Source: nav2_util/lifecycle_service_client.cpp. */
async function move(graph: LiveGraph, transition: keyof typeof TRANSITION): Promise<number> {
  const change = { transition: { id: TRANSITION[transition], label: '' } };
  const { success } = await graph.call<{ success: boolean }>(
    'perception/change_state',
    'lifecycle_msgs/srv/ChangeState',
    change,
  );
  if (!success) throw new Error(`${transition} was refused`);
  const { current_state } = await graph.call<{ current_state: { id: number } }>(
    'perception/get_state',
    'lifecycle_msgs/srv/GetState',
    {},
  );
  return current_state.id;
}

test.serial("the calls of Nav2's lifecycle manager bring the node up, down, and up again", async (t) => {
  const graph = await liveGraph(t);
  if (graph === undefined) return;
  const node = graph.perception({ model: await scratchModel(t, { trusts: true }), autostart: false });
  const depth = graph.listen<Stamped>('depth/image', 'sensor_msgs/msg/Image');
  graph.camera({ hz: 10, phases: [SMALL] });
  const alive = graph.listen<Stamped>('/diagnostics', 'diagnostic_msgs/msg/DiagnosticArray');
  await until(
    () => alive.messages.length > 0,
    () => `the node; it said ${node.said}`,
  );
  for (let round = 0; round < 2; round++) {
    t.is(await move(graph, 'configure'), STATE.inactive);
    t.is(await move(graph, 'activate'), STATE.active);
    const before = depth.messages.length;
    await until(
      () => depth.messages.length > before + 2,
      () => `depth; the node said ${node.said}`,
    );
    t.is(await move(graph, 'deactivate'), STATE.inactive);
    t.is(await move(graph, 'cleanup'), STATE.unconfigured);
  }
  await endsWell(t, node, 'SIGINT');
});
