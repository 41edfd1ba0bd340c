import test from 'ava';
import {
  composeTransforms,
  identityTransform,
  invertTransform,
  type RigidTransform,
} from '../../../../msgs/camera/rigid-transform.js';
import { transformFromAxisAngle } from '../../../../msgs/camera/transform-from-axis-angle.js';
import type { Odometry } from '../../../../msgs/odometry.js';
import { type TrackedBody, VisualOdometry } from '../../../../nodes/perception/odometry/visual-odometry.js';

const SECOND = 1_000_000_000n;
const CAMERA: TrackedBody = {
  frame: 'optical',
  bodyFromCamera: identityTransform(),
  odomFromStart: Float64Array.of(0, 0, 1, 0, -1, 0, 0, 0, 0, -1, 0, 0, 0, 0, 0, 1),
};
/** As sure as alignment mostly is: a millimetre, and a tenth of a milliradian. */
const SURE = Float64Array.from({ length: 36 }, (_, i) => (i % 7 === 0 ? (i < 21 ? 1e-6 : 1e-8) : 0));
const ahead = (metres: number) => transformFromAxisAngle([0, 0, 0, 0, 0, metres]);
const step = (earlierFromLater: RigidTransform, seconds = 0.1) => ({
  earlierFromLater,
  covariance: SURE,
  seconds,
});
const close = (a: number, b: number) => Math.abs(a - b) < 1e-9;
const deviation = ({ pose }: Odometry, axis: number) => Math.sqrt(pose.covariance[7 * axis] as number);

test('a camera that drives ahead goes along x of odom, at its speed along z of its optical frame', (t) => {
  const odometry = new VisualOdometry('odom');
  odometry.advance(SECOND, step(ahead(1)), CAMERA);
  const said = odometry.advance((11n * SECOND) / 10n, step(ahead(1)), CAMERA);
  t.is(said.header.frame_id, 'odom');
  t.is(said.child_frame_id, 'optical');
  t.deepEqual(said.header.stamp, { sec: 1, nanosec: 100_000_000 });
  const { position, orientation } = said.pose.pose;
  t.true(close(position.x, 2) && close(position.y, 0) && close(position.z, 0));
  // REP 103: optical axes in a frame with x forward and z up.
  const sign = Math.sign(orientation.w); // q and -q turn alike
  const turned = [orientation.x, orientation.y, orientation.z, orientation.w].map((value) => sign * value);
  t.deepEqual(turned, [-0.5, 0.5, -0.5, 0.5]);
  t.true(close(said.twist.twist.linear.z, 10) && close(said.twist.twist.linear.x, 0));
});

test('on a circle the pose closes, and the twist is that of a constant turn', (t) => {
  const odometry = new VisualOdometry('odom');
  // Right turns about the optical y axis, along the chords of a circle of radius 10.
  let said: Odometry | undefined;
  const steps = 63;
  const turn = (2 * Math.PI) / steps;
  const half = transformFromAxisAngle([0, turn / 2, 0, 0, 0, 0]);
  const once = composeTransforms(composeTransforms(half, ahead(20 * Math.sin(turn / 2))), half);
  for (let i = 1; i <= steps; i++) said = odometry.advance((BigInt(i) * SECOND) / 10n, step(once), CAMERA);
  t.true(Math.hypot(said?.pose.pose.position.x ?? 9, said?.pose.pose.position.y ?? 9) < 1e-6);
  t.true(close(said?.twist.twist.angular.y ?? 0, turn / 0.1));
});

test('the pose of a base is that of the camera seen through its mount', (t) => {
  // The camera 2 m ahead of the base and 1.5 m above it.
  const bodyFromCamera = Float64Array.of(0, 0, 1, 2, -1, 0, 0, 0, 0, -1, 0, 1.5, 0, 0, 0, 1);
  const base: TrackedBody = { frame: 'base_link', bodyFromCamera, odomFromStart: identityTransform() };
  // The base turns left by 90 degrees on the spot: the camera swings about it.
  const left = transformFromAxisAngle([0, 0, Math.PI / 2, 0, 0, 0]);
  const ofCamera = composeTransforms(
    composeTransforms(invertTransform(bodyFromCamera), left),
    bodyFromCamera,
  );
  const said = new VisualOdometry('odom').advance(SECOND, step(ofCamera), base);
  const { position, orientation } = said.pose.pose;
  t.true(Math.hypot(position.x, position.y, position.z) < 1e-9);
  t.true(close(orientation.z, Math.SQRT1_2) && close(orientation.w, Math.SQRT1_2));
  t.true(close(said.twist.twist.angular.z, Math.PI / 2 / 0.1));
});

test('an error of the heading makes the place uncertain across the way, the more the longer it is', (t) => {
  const odometry = new VisualOdometry('odom');
  const across: number[] = [];
  for (let i = 1; i <= 100; i++) {
    const said = odometry.advance((BigInt(i) * SECOND) / 10n, step(ahead(1)), CAMERA);
    if (i % 50 === 0) across.push(deviation(said, 1));
  }
  // By hand: the sum over i of (turn i m)^2 + shift^2, turn and shift 5 times SURE's for its optimism.
  const [shift, turn] = [5e-3, 5e-4];
  const byHand = [50, 100].map((n) => {
    let sum = 0;
    for (let i = 1; i <= n; i++) sum += shift ** 2 + (turn * i) ** 2;
    return Math.sqrt(sum);
  });
  for (const [i, value] of across.entries()) t.true(Math.abs(value / (byHand[i] ?? 0) - 1) < 1e-6);
});

test('a short gap is bridged at the speed before, a long one by standing still, and both are owned up to', (t) => {
  const after = (gap: bigint) => {
    const odometry = new VisualOdometry('odom');
    const before = odometry.advance(SECOND, step(ahead(1)), CAMERA);
    const said = odometry.advance(SECOND + gap + SECOND / 10n, step(ahead(1)), CAMERA);
    return { before, said };
  };
  const short = after(SECOND / 2n);
  t.true(close(short.said.pose.pose.position.x, 1 + 5 + 1));
  t.true(deviation(short.said, 1) > 0.3 && deviation(short.said, 1) < 3);
  const long = after(20n * SECOND);
  t.true(close(long.said.pose.pose.position.x, 2));
  t.true(deviation(long.said, 0) > 100 && deviation(long.said, 5) > 3);
  t.true(deviation(short.before, 1) < 0.01);
});

test('when time goes back, everything begins anew', (t) => {
  const odometry = new VisualOdometry('odom');
  odometry.advance(100n * SECOND, step(ahead(1)), CAMERA);
  odometry.advance(101n * SECOND, step(ahead(1)), CAMERA);
  const said = odometry.advance(2n * SECOND, step(ahead(1)), CAMERA);
  t.true(close(said.pose.pose.position.x, 1));
});
