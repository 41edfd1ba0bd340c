import test from 'ava';
import { transformFromAxisAngle } from '../../../../msgs/camera/transform-from-axis-angle.js';
import { odometryCodec } from '../../../../msgs/odometry.js';
import { fitEgoMotion } from '../../../../nodes/perception/motion/ego-motion.js';
import { OdometryOutput } from '../../../../nodes/perception/odometry/odometry-output.js';
import { type Board, flatScene } from '../motion/flat-scene.js';

const header = { stamp: { sec: 5, nanosec: 0 }, frame_id: 'camera' };
const ego = {
  earlierFromLater: transformFromAxisAngle([0, 0, 0, 0, 0, 0.5]),
  covariance: new Float64Array(36),
};
const known = { ego, seconds: 0.1, lambda: 1, motionMs: 0 };
const output = (baseFrame = '') =>
  new OdometryOutput({ odometryFrame: 'odom', baseFrame, tf: true, mount: () => undefined });

test("lengths are metres: the model's own unit times the scale of the frame", (t) => {
  const said = output().messageOf(header, known, { factor: 3, metric: true });
  const { pose } = odometryCodec.decode(said?.cdr ?? new Uint8Array());
  t.true(Math.abs(pose.pose.position.x - 1.5) < 1e-12);
  t.deepEqual(said?.transform?.transform.translation, pose.pose.position);
});

test('there is no odometry without a metric scale, without a known motion, or without the mount of the base', (t) => {
  t.is(output().messageOf(header, known, { factor: 1, metric: false }), undefined);
  t.is(
    output().messageOf(header, { lambda: Number.NaN, motionMs: 0 }, { factor: 1, metric: true }),
    undefined,
  );
  t.is(output('base_link').messageOf(header, known, { factor: 1, metric: true }), undefined);
});

const BOARDS: readonly Board[] = [
  { left: -6, top: -2, width: 4, height: 3, z: 14, kind: 'none' },
  { left: 2, top: -1.5, width: 3, height: 2.5, z: 20, kind: 'none' },
  { left: -1.5, top: 0.2, width: 3, height: 1, z: 10, kind: 'none' },
];

test('the covariance of an alignment covers its error, and nearer things make it smaller', (t) => {
  const deviations = [1, 3].map((away) => {
    const boards = BOARDS.map((board) => ({ ...board, z: away * board.z }));
    const [earlier, later] = [flatScene(boards, { x: 0, z: 0 }, 0), flatScene(boards, { x: 0, z: 0.5 }, 0.1)];
    const found = fitEgoMotion(later, earlier);
    if (found === undefined) throw new Error('no motion');
    const error = Math.abs((found.earlierFromLater[11] as number) - 0.5);
    const deviation = 5 * Math.sqrt(found.covariance[14] as number); // VisualOdometry's optimism
    t.true(error < 4 * deviation, `${error} ${deviation}`);
    return deviation;
  });
  t.true((deviations[0] ?? 9) < (deviations[1] ?? 0));
  t.true((deviations[0] ?? 9) < 0.3);
});
