import test from 'ava';
import type { Header } from '../../../../msgs/header.js';
import type { LaserScan } from '../../../../msgs/laser-scan.js';
import type { PointCloud2 } from '../../../../msgs/point-cloud2.js';
import type { TFMessage } from '../../../../msgs/tf-message.js';
import { endsWell, liveGraph, until } from './live-graph.js';
import { scratchModel } from './scratch-model.js';

const PHASE = { seconds: 1000, width: 64, height: 32 };
/** Of the test camera, pixels. */
const FOCAL = 50;
/** The model sees a wall across the optical axis, metres. */
const WALL = 4;
/** The camera is so high, looks down, and leans to its right. */
const HEIGHT = 1.5;
const PITCH = (10 * Math.PI) / 180;
const ROLL = (5 * Math.PI) / 180;
/** Over the ground, metres: with its defaults the node needs 2 cm more for each metre of distance. */
const BAND = { lowest: 0.3 + 0.02 * WALL, highest: 2 };

type Quaternion = readonly [x: number, y: number, z: number, w: number];
type Point = readonly [x: number, y: number, z: number];

function times([ax, ay, az, aw]: Quaternion, [bx, by, bz, bw]: Quaternion): Quaternion {
  return [
    aw * bx + ax * bw + ay * bz - az * by,
    aw * by - ax * bz + ay * bw + az * bx,
    aw * bz + ax * by - ay * bx + az * bw,
    aw * bw - ax * bx - ay * by - az * bz,
  ];
}

function turn(q: Quaternion, [x, y, z]: Point): Point {
  const [rx, ry, rz] = times(times(q, [x, y, z, 0]), [-q[0], -q[1], -q[2], q[3]]);
  return [rx, ry, rz];
}

const about = (axis: Point, angle: number): Quaternion => {
  const [x, y, z] = axis.map((part) => part * Math.sin(angle / 2)) as [number, number, number]; // of three
  return [x, y, z, Math.cos(angle / 2)];
};

/** From the optical frame (x right, y down, z ahead) to the base (x ahead, y left, z up). */
const BASE_FROM_OPTICAL = times(
  times(about([0, 1, 0], PITCH), [-0.5, 0.5, -0.5, 0.5]),
  about([0, 0, 1], ROLL),
);

/** Where the wall's pixels are in the base frame, from below the camera on. */
function wall(): Point[] {
  const points: Point[] = [];
  for (let row = 0; row < PHASE.height; row++) {
    for (let column = 0; column < PHASE.width; column++) {
      const x = (WALL * (column - (PHASE.width - 1) / 2)) / FOCAL;
      const y = (WALL * (row - (PHASE.height - 1) / 2)) / FOCAL;
      points.push(turn(BASE_FROM_OPTICAL, [x, y, WALL]));
    }
  }
  return points;
}

test.serial('obstacles and scan of a camera that leans lie level, by its mount on /tf_static', async (t) => {
  const graph = await liveGraph(t);
  if (graph === undefined) return;
  // Without classes no picture shows the ground.
  const model = await scratchModel(t, { segments: false, disparity: [1 / WALL, 0] });
  const node = graph.perception({ model, points_stride: 1, base_frame: 'base_link' });
  await node.says(/configured/);
  const scans = graph.listen<LaserScan>('scan', 'sensor_msgs/msg/LaserScan').messages;
  const clouds = ['points/obstacles', 'points/dynamic'].map((topic) =>
    graph.listen<PointCloud2>(topic, 'sensor_msgs/msg/PointCloud2'),
  );
  const transforms = graph.listen<TFMessage>('/tf', 'tf2_msgs/msg/TFMessage').messages;

  const unmounted = graph.camera({ hz: 10, phases: [PHASE] });
  await node.says(/no ground is seen.* `base_frame` .*\/tf_static/);
  t.is(scans.length, 0, 'unknown is not free');
  await unmounted.end('SIGKILL');

  const header: Header = { stamp: { sec: 0, nanosec: 0 }, frame_id: 'base_link' };
  const [x, y, z, w] = BASE_FROM_OPTICAL;
  const mount = {
    ...{ header, child_frame_id: 'camera' },
    transform: { translation: { x: 0, y: 0, z: HEIGHT }, rotation: { x, y, z, w } },
  };
  graph.camera({ hz: 10, phases: [PHASE], mount });
  const all = [{ messages: scans }, { messages: transforms }, ...clouds];
  await until(
    () => all.every(({ messages }) => messages.length >= 3),
    () => `three of each, not ${all.map(({ messages }) => messages.length)}; the node said ${node.said}`,
  );

  const [scan] = scans;
  const level = transforms[0]?.transforms.find(({ child_frame_id }) => child_frame_id === 'camera_level');
  if (scan === undefined || level === undefined)
    throw new Error(`no level frame in ${JSON.stringify(transforms)}`);
  t.is(scan.header.frame_id, 'camera_level');
  t.is(level.header.frame_id, 'camera');
  const { rotation } = level.transform;
  const [ux, uy, uz] = turn(
    times(BASE_FROM_OPTICAL, [rotation.x, rotation.y, rotation.z, rotation.w]),
    [0, 0, 1],
  );
  t.true(Math.hypot(ux, uy, uz - 1) < 1e-3, `up is ${[ux, uy, uz]}`);

  // In the base frame, too, the camera looks along x.
  const points = wall().filter(([, , up]) => up + HEIGHT > BAND.lowest && up + HEIGHT < BAND.highest);
  let compared = 0;
  Array.from(scan.ranges).forEach((range, ray) => {
    const angle = scan.angle_min + ray * scan.angle_increment;
    const near = points.filter(
      ([ahead, left]) => Math.abs(Math.atan2(left, ahead) - angle) <= scan.angle_increment / 2,
    );
    // JSON knows neither NaN nor infinity.
    if (range === null || near.length === 0) return;
    compared += 1;
    const expected = Math.min(...near.map(([ahead, left]) => Math.hypot(ahead, left)));
    // Points at the band's edge count as outliers where too few are beside them; a row higher is 1.4 cm farther.
    t.true(Math.abs(range - expected) < 0.035, `${range} m at ${angle}, not ${expected}`);
    // In a frame that leans with the camera the whole wall is 4 m ahead.
    t.true(range < (WALL * Math.cos(PITCH)) / Math.cos(angle) + 0.02, `${range} m at ${angle}`);
  });
  t.true(compared > scan.ranges.length / 2, `${compared} of ${scan.ranges.length} rays`);

  t.is(clouds[0]?.messages[0]?.header.frame_id, 'camera');
  const found = clouds[0]?.messages[0]?.width ?? 0;
  t.true(Math.abs(found - points.length) < 0.05 * points.length, `${found} points, not ${points.length}`);
  t.is(clouds[1]?.messages[0]?.width, 0, 'nothing moves');
  await endsWell(t, node, 'SIGINT');
});
