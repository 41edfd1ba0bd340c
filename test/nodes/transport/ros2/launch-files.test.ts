import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { ADAPTATION_STATE, type AdaptationStatus } from '../../../../msgs/adaptation-status.js';
import { openBag } from '../../../../msgs/bag/open-bag.js';
import { type Image, imageCodec } from '../../../../msgs/image.js';
import { stampToNs } from '../../../../msgs/stamp.js';
import { writeTestBag } from '../../test-bag.js';
import { SECOND, testImage, testInfo } from '../../test-messages.js';
import { writeTestModel } from '../../test-model.js';
import { endsWell, type GraphProcess, isBusy, type LiveGraph, liveGraph, until } from './live-graph.js';

const SMALL = { seconds: 1000, width: 64, height: 32 };
const FRAMES = 20;
/** Tests share their processors: what is late there is no fault. */
const PATIENT = { device: 'cpu', max_age: '20.0' };

interface Launched {
  readonly graph: LiveGraph;
  readonly folder: string;
  /** Ends with the test, its nodes with it. */
  readonly launch: (file: string, given: Readonly<Record<string, string>>) => GraphProcess;
}

/** Undefined, and a word about it, where the launch files are not installed, or what they start is not. */
async function setting(t: ExecutionContext, needs: readonly string[]): Promise<Launched | undefined> {
  const graph = await liveGraph(t);
  if (graph === undefined) return undefined;
  const asked = graph.command('ros2', needs);
  if ((await asked.exited) !== 0) {
    t.log(`SKIPPED: ros2 ${needs.join(' ')}: ${asked.said.trim().split('\n').at(-1)}`);
    t.pass();
    return undefined;
  }
  const folder = await mkdtemp(path.join(os.tmpdir(), 'rxdepth-launch-'));
  t.teardown(() => rm(folder, { recursive: true }));
  const launch = (file: string, given: Readonly<Record<string, string>>) => {
    const launched = graph.launch(file, given);
    t.teardown(() => launched.end('SIGINT'));
    return launched;
  };
  return { graph, folder, launch };
}

test.serial('perception.launch.py starts a node for each camera, on the topics of the camera', async (t) => {
  const set = await setting(t, ['pkg', 'prefix', 'rxdepth']);
  if (set === undefined) return;
  const { graph, folder, launch } = set;
  const model = await writeTestModel(path.join(folder, 'model'));
  const topics = { image: '/{camera}/image', camera_info: '/{camera}/camera_info' };
  const launched = launch('perception.launch.py', {
    ...{ ...topics, cameras: 'front,rear', model },
    ...PATIENT,
  });
  const cameras = ['front', 'rear'] as const;
  const depths = cameras.map((camera) =>
    graph.listen<Image>(`/rxdepth/${camera}/depth/image`, 'sensor_msgs/msg/Image'),
  );
  for (const camera of cameras) graph.camera({ hz: 10, phases: [SMALL] }, `/${camera}`);
  await until(
    () => depths.every(({ messages }) => messages.length >= 10),
    () => `depth of both; the launch said ${launched.said}`,
  );
  await endsWell(t, launched, 'SIGINT');
  if (!isBusy()) t.is(launched.said.match(/process has finished cleanly/g)?.length, 2, launched.said);
});

test.serial(
  'perception.launch.py without cameras starts one node, in the namespace that is given',
  async (t) => {
    const set = await setting(t, ['pkg', 'prefix', 'rxdepth']);
    if (set === undefined) return;
    const { graph, folder, launch } = set;
    const model = await writeTestModel(path.join(folder, 'model'));
    const topics = { image: '/image', camera_info: '/camera_info' };
    const launched = launch('perception.launch.py', {
      ...{ ...topics, namespace: 'seen', model },
      ...PATIENT,
    });
    const depth = graph.listen<Image>('/seen/depth/image', 'sensor_msgs/msg/Image');
    graph.camera({ hz: 10, phases: [SMALL] });
    await until(
      () => depth.messages.length >= 10,
      () => `depth; the launch said ${launched.said}`,
    );
    await endsWell(t, launched, 'SIGINT');
  },
);

test.serial(
  'perception.launch.py refuses values that cannot be, and a parameter file that is not there',
  async (t) => {
    const set = await setting(t, ['pkg', 'prefix', 'rxdepth']);
    if (set === undefined) return;
    const { launch } = set;
    for (const [given, says] of [
      [{ compressed: 'maybe' }, /compressed: expected `true \| false`, got `maybe`/],
      [{ autostart: '2' }, /autostart: expected `true \| false`, got `2`/],
      [
        { params_file: '/nowhere.yaml' },
        /params_file: expected `a parameter file`, there is none at \/nowhere\.yaml/,
      ],
    ] as const) {
      const launched = launch('perception.launch.py', given);
      t.is(await launched.exited, 1, launched.said);
      t.regex(launched.said, says);
    }
  },
);

test.serial('adaptation.launch.py names the argument that it cannot read', async (t) => {
  const set = await setting(t, ['pkg', 'prefix', 'rxdepth']);
  if (set === undefined) return;
  const { launch } = set;
  for (const [given, says] of [
    [{ minutes: 'abc' }, /minutes: expected `a number`, got `abc`/],
    [{ bit_depth: '1.5' }, /bit_depth: expected `a whole number`, got `1.5`/],
    [{ record: 'maybe' }, /record: expected `true \| false`, got `maybe`/],
  ] as const) {
    const launched = launch('adaptation.launch.py', given);
    t.is(await launched.exited, 1, launched.said);
    t.regex(launched.said, says);
  }
});

test.serial('adaptation.launch.py starts a node that answers requests', async (t) => {
  const set = await setting(t, ['pkg', 'prefix', 'rxdepth']);
  if (set === undefined) return;
  const { graph, folder, launch } = set;
  const launched = launch('adaptation.launch.py', {});
  const statuses = graph.listen<AdaptationStatus>(
    '/rxdepth/adaptation/status',
    'rxdepth_msgs/msg/AdaptationStatus',
  ).messages;
  await until(
    () => statuses.length > 0,
    () => `a status; the launch said ${launched.said}`,
  );
  const adapt = (bags: readonly string[]) =>
    graph.call<{ success: boolean; message: string }>('/rxdepth/adaptation/adapt', 'rxdepth_msgs/srv/Adapt', {
      bags,
    });
  t.like(await adapt([]), { success: false, message: '`bags`: expected `at least one bag`, got none' });
  t.deepEqual(await adapt([path.join(folder, 'nowhere')]), { success: true, message: '' });
  await until(
    () => statuses.at(-1)?.state === ADAPTATION_STATE.FAILED,
    () => `the end of it, not ${statuses.at(-1)?.message}; the launch said ${launched.said}`,
  );
  t.regex(statuses.at(-1)?.message ?? '', /nowhere/);
  await endsWell(t, launched, 'SIGINT');
});

/** A bag of as many images of an eye, five a second. */
async function eyeBag(folder: string): Promise<{ bag: string; stamps: readonly bigint[] }> {
  const stamps = Array.from({ length: FRAMES }, (_, index) => (BigInt(index) * SECOND) / 5n + 1000n * SECOND);
  const bag = await writeTestBag(
    path.join(folder, 'bag'),
    stamps.flatMap((stampNs) => [
      {
        ...{ topic: '/eye/camera_info', type: 'sensor_msgs/msg/CameraInfo', logTimeNs: stampNs },
        message: testInfo({ stampNs }),
      },
      {
        ...{ topic: '/eye/image', type: 'sensor_msgs/msg/Image', logTimeNs: stampNs },
        message: testImage({ stampNs }),
      },
    ]),
  );
  return { bag, stamps };
}

const EYE = { device: 'cpu', image: '/eye/image', camera_info: '/eye/camera_info' };

test.serial(
  'replay.launch.py plays a bag with its time, records all that comes of it, and ends',
  async (t) => {
    const set = await setting(t, ['bag', 'list', 'storage']);
    if (set === undefined) return;
    const { folder, launch } = set;
    const model = await writeTestModel(path.join(folder, 'model'));
    const { bag, stamps } = await eyeBag(folder);
    const record = path.join(folder, 'recorded');
    const launched = launch('replay.launch.py', { ...EYE, bag, record, model });
    t.is(await launched.exited, 0, launched.said);
    const recorded = await openBag(record);
    const seen: bigint[] = [];
    for await (const { cdr, logTimeNs } of recorded.messages({ topics: ['/rxdepth/depth/image'] })) {
      const stampNs = stampToNs(imageCodec.decode(cdr).header.stamp);
      seen.push(stampNs);
      t.true(
        logTimeNs - stampNs < (stamps.at(-1) ?? 0n) - (stamps[0] ?? 0n),
        'recorded under the time of the bag',
      );
    }
    await recorded.close();
    // A busy machine drops images for newer ones, as on a vehicle.
    t.deepEqual(
      seen,
      stamps.filter((stamp) => seen.includes(stamp)),
      launched.said,
    );
    t.true(seen.length > 0, launched.said);
  },
);

test.serial('replay.launch.py ends with a word where nothing can come of the bag', async (t) => {
  const set = await setting(t, ['bag', 'list', 'storage']);
  if (set === undefined) return;
  const { folder, launch } = set;
  const { bag } = await eyeBag(folder);
  const broken = path.join(folder, 'broken');
  await mkdir(broken);
  const model = await writeTestModel(path.join(folder, 'model'));
  for (const [given, says] of [
    [{ bag: '/nowhere' }, /bag: expected `a bag`, there is none at \/nowhere/],
    [{ bag, rate: '0' }, /rate: expected `a number above 0`, got `0`/],
    [{ bag, record: broken }, /record: expected `a folder that does not exist yet`, .*broken does/],
    [{ bag, max_age: 'long' }, /max_age: expected `a number from 0 to 60`, got `long`/],
    [{ bag: broken, model }, /the bag could not be played: exit code [1-9]/],
    [{ bag, model: '/nowhere' }, /the perception node could not be configured/],
  ] as const) {
    const launched = launch('replay.launch.py', { ...EYE, ...given });
    t.is(await launched.exited, 1, launched.said);
    t.regex(launched.said, says);
  }
});
