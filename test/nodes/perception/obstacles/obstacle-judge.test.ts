import test from 'ava';
import { transformFromPose, transformPoint } from '../../../../msgs/camera/rigid-transform.js';
import { laserScanCodec } from '../../../../msgs/laser-scan.js';
import { pointCloud2Codec } from '../../../../msgs/point-cloud2.js';
import { readPointField, readPoints } from '../../../../msgs/read-points.js';
import { ObstacleJudge } from '../../../../nodes/perception/obstacles/obstacle-judge.js';
import { type Box, LABELS, NOTHING_MOVES, roadUnder, STREET, street } from './street.js';

const SECOND = 1_000_000_000n;
const CLASSES = ['road', 'sidewalk', 'building'].map((name) => ({
  ...{ name, color: [0, 0, 0] as [number, number, number], dynamic: false },
}));
const request = { lowest: 0.3, highest: 2, range: 15, sector: { least: -0.78, most: 0.78 } };
const box: Box = { ahead: 6, right: -2, width: 1, bottom: 0, top: 1.2, label: LABELS.building };
const moving = NOTHING_MOVES;
const frame = (pitch: number, stampNs = SECOND) => ({
  ...{ stampNs, cloud: street([box], pitch), request, moving },
  ...{ imageWidth: STREET.width, stride: STREET.stride },
});

test('the scan shows the box at its distance and angle, nothing beside it, and lies level whatever the camera does', (t) => {
  for (const pitch of [0, 0.12]) {
    const said = new ObstacleJudge(CLASSES).judge(frame(pitch), roadUnder(pitch));
    const scan = laserScanCodec.decode(said?.scan ?? new Uint8Array());
    t.is(scan.header.frame_id, 'camera_level');
    const at = (angle: number) =>
      scan.ranges[Math.round((angle - scan.angle_min) / scan.angle_increment)] as number;
    // To the left: angles are positive.
    t.true(Math.abs(at(Math.atan2(2, 6)) - Math.hypot(6, 2)) < 0.05, String(at(Math.atan2(2, 6))));
    t.is(at(-0.3), Number.POSITIVE_INFINITY);
    t.is(at(0), Number.POSITIVE_INFINITY);
    t.true(scan.angle_max <= 0.78 + 1e-6 && scan.angle_min >= -0.78 - 1e-6);
  }
});

test('the level frame stands on the road: its z axis points up and its x axis ahead', (t) => {
  const pitch = 0.12;
  const { transform, header, child_frame_id } =
    new ObstacleJudge(CLASSES).judge(frame(pitch), roadUnder(pitch))?.level ?? (t.fail() as never);
  t.is(header.frame_id, 'camera');
  t.is(child_frame_id, 'camera_level');
  const opticalFromLevel = transformFromPose(transform.translation, transform.rotation);
  const up = transformPoint(opticalFromLevel, { x: 0, y: 0, z: 1 });
  // Looking down by the pitch, up leans towards the optical axis' back.
  t.true(Math.abs(up.y + Math.cos(pitch)) < 1e-6 && Math.abs(up.z + Math.sin(pitch)) < 1e-6);
  const left = transformPoint(opticalFromLevel, { x: 0, y: 1, z: 0 });
  t.true(Math.abs(left.x + 1) < 1e-6);
});

test('the clouds hold the obstacles alone, with colours and labels as they were', (t) => {
  const said = new ObstacleJudge(CLASSES).judge(frame(0), roadUnder());
  const cloud = pointCloud2Codec.decode(said?.obstacles ?? new Uint8Array());
  t.is(cloud.height, 1);
  t.true(cloud.is_dense && cloud.width > 50);
  t.deepEqual(
    cloud.fields.map(({ name }) => name),
    ['x', 'y', 'z', 'rgb', 'label'],
  );
  t.true(readPoints(cloud).z.every((z) => Math.abs(z - 6) < 1e-4));
  t.true(readPointField(cloud, 'label').every((label) => label === LABELS.building));
  t.is(pointCloud2Codec.decode(said?.dynamicPoints ?? new Uint8Array()).width, 0);
});

test('the ground is held for two seconds where none is seen; then the mount says where it is, or nothing is said', (t) => {
  const judge = new ObstacleJudge(CLASSES);
  t.is(judge.judge(frame(0), undefined), undefined);
  t.not(judge.judge(frame(0), roadUnder()), undefined);
  t.not(judge.judge(frame(0, 2n * SECOND), undefined), undefined);
  t.is(judge.judge(frame(0, 4n * SECOND), undefined), undefined);
  const mounted = { ...frame(0, 5n * SECOND), request: { ...request, mounted: roadUnder() } };
  t.not(judge.judge(mounted, undefined), undefined);
});
