import test from 'ava';
import type { BagMessage, BagReader } from '../../../../msgs/bag/bag-reader.js';
import { codecFor } from '../../../../msgs/codecs.js';
import { readWay, wayTopic } from '../../../../training/adaptation/drive/read-way.js';

/** Tenths of a second. */
const header = (i: number) => ({ stamp: { sec: 100, nanosec: i * 1e8 }, frame_id: 'a' });
const zero = { x: 0, y: 0, z: 0 };
const twist = (i: number) => ({ header: header(i), twist: { linear: { x: 3, y: 0, z: 4 }, angular: zero } });
const pose = (i: number) => ({
  header: header(i),
  pose: { position: { x: 0.6 * i, y: 0.8 * i, z: 7 }, orientation: { ...zero, w: 1 } },
});
const odometry = (i: number) => ({
  ...{ header: header(i), child_frame_id: 'b' },
  pose: { ...pose(i), covariance: new Float64Array(36) },
  twist: { ...twist(i), covariance: new Float64Array(36) },
});

/** A recording of ten messages a topic. */
function bag(
  topics: Readonly<Record<string, readonly [type: string, message: (i: number) => unknown]>>,
): BagReader {
  const entries = Object.entries(topics);
  return {
    path: 'drive',
    topics: entries.map(([topic, [type]]) => ({ topic, type, serialization: 'cdr' })),
    problems: [],
    async *messages({ topics: wanted = [] } = {}): AsyncGenerator<BagMessage> {
      for (const [topic, [type, message]] of entries.filter(([name]) => wanted.includes(name))) {
        for (let i = 0; i < 10; i++) {
          const cdr = codecFor(type)?.encode(message(i)) ?? new Uint8Array();
          yield { topic, type, cdr, logTimeNs: 0n, publishTimeNs: 0n };
        }
      }
    },
    close: async () => undefined,
  };
}

const ODOMETRY = ['nav_msgs/msg/Odometry', odometry] as const;
const TWIST = ['geometry_msgs/msg/TwistStamped', twist] as const;
const POSE = ['geometry_msgs/msg/PoseStamped', pose] as const;

test('odometry, twists and poses say how far the vehicle came', async (t) => {
  // 5 m/s, and a metre from one place to the next.
  for (const [[type, message], meters] of [
    [ODOMETRY, 2],
    [TWIST, 2],
    [POSE, 4],
  ] as const) {
    const recorded = bag({ '/way': [type, message] });
    const topic = wayTopic(recorded, '/way');
    t.truthy(topic);
    const way = topic && (await readWay(recorded, topic));
    const came = way?.between(100_100_000_000n, 100_500_000_000n) ?? Number.NaN;
    t.true(Math.abs(came - meters) < 1e-9, `${type}: ${came}`);
  }
});

test('the only odometry or twist is found by itself; what a camera saw, a command or a pose is not', (t) => {
  t.is(
    wayTopic(bag({ '/wheel': ODOMETRY, '/rxdepth/odometry': ODOMETRY, '/cmd_vel': TWIST }), undefined)?.topic,
    '/wheel',
  );
  t.is(wayTopic(bag({ '/ground_truth/pose': POSE, '/visual_odometry': ODOMETRY }), undefined), undefined);
  t.is(
    wayTopic(bag({ '/wheel': ODOMETRY, '/gps/velocity': TWIST }), undefined),
    undefined,
    'nobody says which',
  );
});

test('a named topic that is missing or of another type is an error that says so', (t) => {
  const recorded = bag({ '/image': ['sensor_msgs/msg/Image', () => ({})] });
  t.throws(() => wayTopic(recorded, '/way'), {
    name: 'TrainingError',
    message: /no topic `\/way` \(--odometry\)/,
  });
  t.throws(() => wayTopic(recorded, '/image'), { name: 'TrainingError', message: /nav_msgs\/msg\/Odometry/ });
});
