import test from 'ava';
import type { DiagnosticArray } from '../../../../msgs/diagnostic-array.js';
import type { Image } from '../../../../msgs/image.js';
import { RELIABLE } from '../../../../nodes/transport/ros2/qos.js';
import { endsWell, type Heard, type LiveGraph, liveGraph, until } from './live-graph.js';
import { scratchModel } from './scratch-model.js';

const IMAGE = 'sensor_msgs/msg/Image';
/** Source: lifecycle_msgs/Transition. */
const CONFIGURE = { transition: { id: 1, label: '' } };
const ACTIVATE = { transition: { id: 3, label: '' } };
const CHANGE_STATE = 'lifecycle_msgs/srv/ChangeState';

const small = { width: 64, height: 32 };
const forever = 1000;

function diagnose(graph: LiveGraph): () => string {
  const heard: Heard<DiagnosticArray> = graph.listen('/diagnostics', 'diagnostic_msgs/msg/DiagnosticArray');
  return () => heard.messages.at(-1)?.status[0]?.message ?? '';
}

test.serial('a publisher that disappears and returns is missed by name and taken again', async (t) => {
  const graph = await liveGraph(t);
  if (graph === undefined) return;
  const node = graph.perception({ model: await scratchModel(t) });
  const depth = graph.listen<Image>('depth/image', IMAGE);
  const diagnosis = diagnose(graph);
  const camera = graph.camera({ hz: 20, phases: [{ seconds: forever, ...small }] });
  await until(
    () => depth.messages.length >= 10,
    () => `depth; the node said ${node.said}`,
  );
  await camera.end('SIGKILL');
  await node.says(/no images on \/image/);
  await until(() => diagnosis().includes('no images on /image'), 'the silence in /diagnostics');
  const before = depth.messages.length;
  graph.camera({ hz: 20, phases: [{ seconds: forever, ...small }] });
  await until(() => depth.messages.length >= before + 10, 'depth after the return');
  await until(() => / Hz$/.test(diagnosis()), 'a rate in /diagnostics');
  await endsWell(t, node, 'SIGTERM');
});

test.serial('a camera that changes its resolution is followed', async (t) => {
  const graph = await liveGraph(t);
  if (graph === undefined) return;
  const node = graph.perception({ model: await scratchModel(t) });
  const depth = graph.listen<Image>('depth/image', IMAGE);
  await node.says(/configured/);
  const phases = [
    { seconds: 4, ...small },
    { seconds: 4, width: 96, height: 80 },
    { seconds: forever, ...small },
  ];
  graph.camera({ hz: 20, phases });
  const sizes = () =>
    depth.messages
      .map(({ width, height }) => `${width}x${height}`)
      .filter((size, index, all) => size !== all[index - 1])
      .join(' ');
  await until(
    () => sizes() === '64x32 96x80 64x32',
    () => `three sizes, not ${sizes()}; the node said ${node.said}`,
  );
  // A busy machine loses some camera_info on the way, and images beside them fail: nothing else does.
  t.notRegex(node.said, /no result (?!\((pair|calibrate)\))/);
  await node.end('SIGINT');
});

test.serial('a node whose subscriber died ends by itself, though DDS would wait for it', async (t) => {
  const graph = await liveGraph(t);
  if (graph === undefined) return;
  const node = graph.perception({ model: await scratchModel(t) });
  const depth = graph.listen<Image>('depth/image', IMAGE);
  graph.camera({ hz: 20, phases: [{ seconds: forever, ...small }] });
  await until(
    () => depth.messages.length >= 10,
    () => `depth; the node said ${node.said}`,
  );
  graph.killClient();
  await new Promise((resolve) => setTimeout(resolve, 2000));
  const { exit } = await node.end('SIGINT');
  t.true(exit === 0 || exit === 'SIGKILL', `${exit}`);
});

test.serial('a QoS that cannot be heard is told with both profiles, and best effort hears it', async (t) => {
  const graph = await liveGraph(t);
  if (graph === undefined) return;
  const node = graph.perception({ model: await scratchModel(t), image_reliability: 'reliable' });
  graph.listen<Image>('depth/image', IMAGE);
  const diagnosis = diagnose(graph);
  graph.camera({ hz: 20, reliability: 'best_effort', phases: [{ seconds: forever, ...small }] });
  // Fast DDS does not tell how many messages a publisher keeps.
  await node.says(/offered is `best_effort, volatile(, depth 1)?`, requested `reliable, volatile, depth 1`/);
  await until(() => diagnosis().includes('QoS that cannot be received'), 'the QoS in /diagnostics');
  await endsWell(t, node, 'SIGTERM');
});

test.serial('those who hear nothing of an output are told why', async (t) => {
  const graph = await liveGraph(t);
  if (graph === undefined) return;
  const node = graph.perception({ model: await scratchModel(t), output_reliability: 'best_effort' });
  await node.says(/configured/);
  graph.camera({ hz: 10, phases: [{ seconds: forever, ...small }] });
  // Pictures of 64 by 32 pixels show too few edges to know the camera's motion by.
  graph.listen<object>('odometry', 'nav_msgs/msg/Odometry', { ...RELIABLE, reliability: 'best_effort' });
  const deaf = graph.listen<Image>('depth/image', IMAGE, RELIABLE).messages;
  await node.says(
    /\/graph_client subscribes to \/depth\/image with a QoS that is not offered.*set `output_reliability` or/,
  );
  t.is(deaf.length, 0);
  await node.says(/the camera's motion is unknown, so `odometry` is silent/);
  await endsWell(t, node, 'SIGINT');
});

test.serial('a second node of the same name is told by both', async (t) => {
  const graph = await liveGraph(t);
  if (graph === undefined) return;
  const model = await scratchModel(t);
  const nodes = [graph.perception({ model }), graph.perception({ model })];
  await Promise.all(nodes.map((node) => node.says(/2 nodes are called \/perception/)));
  for (const node of nodes) await endsWell(t, node, 'SIGINT');
});

test.serial(
  'wrong parameters and a missing model fail the transition with the reason, and the node lives on',
  async (t) => {
    const graph = await liveGraph(t);
    if (graph === undefined) return;
    const node = graph.perception({ model: '/nowhere', points_stride: 0, scale: 'much' });
    await node.says(/`points_stride`: expected `a whole number from 1 to 64`, got 0/);
    await node.says(/`scale`: expected `a number from 0.0001 to 10000`, got "much"/);
    await node.says(/configure failed/);

    const set = async (name: string, value: object) => {
      const request = { parameters: [{ name, value }] };
      const service = '/perception/set_parameters';
      const { results } = await graph.call<{ results: { successful: boolean; reason: string }[] }>(
        service,
        'rcl_interfaces/srv/SetParameters',
        request,
      );
      return results[0];
    };
    const transition = async (which: object) =>
      (await graph.call<{ success: boolean }>('/perception/change_state', CHANGE_STATE, which)).success;
    t.like(await set('points_stride', { type: 2, integer_value: '99n' }), { successful: false });
    t.deepEqual(await set('points_stride', { type: 2, integer_value: '2n' }), {
      successful: true,
      reason: '',
    });
    // An integer for a double.
    t.deepEqual(await set('scale', { type: 2, integer_value: '1n' }), { successful: true, reason: '' });
    t.false(await transition(CONFIGURE));
    await node.says(/configure failed: .*\/nowhere is not a model folder/);
    t.like(await set('model', { type: 4, string_value: await scratchModel(t) }), { successful: true });
    t.true(await transition(CONFIGURE));
    t.true(await transition(ACTIVATE));
    t.like(await set('model', { type: 4, string_value: 'other' }), { successful: false });
    const { message } = await graph.call<{ message: string }>(
      '/perception/load_model',
      'rxdepth_msgs/srv/LoadModel',
      { model: '/nowhere' },
    );
    t.regex(message, /\/nowhere is not a model folder/);
    const described = await graph.call<{ descriptors: readonly object[] }>(
      '/perception/describe_parameters',
      'rcl_interfaces/srv/DescribeParameters',
      { names: ['points_stride', 'max_age'] },
    );
    t.like(described.descriptors[0], { integer_range: [{ from_value: 1, to_value: 64, step: 1 }] });
    t.like(described.descriptors[1], { floating_point_range: [{ from_value: 0, to_value: 60, step: 0 }] });
    await endsWell(t, node, 'SIGTERM');
  },
);
