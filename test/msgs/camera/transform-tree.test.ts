import test from 'ava';
import fc from 'fast-check';
import {
  composeTransforms,
  identityTransform,
  invertTransform,
  transformFromPose,
  transformPoint,
} from '../../../msgs/camera/rigid-transform.js';
import { TransformTree } from '../../../msgs/camera/transform-tree.js';
import { MessageError } from '../../../msgs/errors.js';
import type { TransformStamped } from '../../../msgs/tf-message.js';

type Quaternion = TransformStamped['transform']['rotation'];

const UPRIGHT: Quaternion = { x: 0, y: 0, z: 0, w: 1 };
/** Optical axes (x right, y down, z forward) as seen from body axes (x forward, y left, z up). Source: REP 103. */
const OPTICAL: Quaternion = { x: -0.5, y: 0.5, z: -0.5, w: 0.5 };

function link(
  parent: string,
  child: string,
  t: [number, number, number],
  rotation = UPRIGHT,
): TransformStamped {
  return {
    header: { stamp: { sec: 0, nanosec: 0 }, frame_id: parent },
    child_frame_id: child,
    transform: { translation: { x: t[0], y: t[1], z: t[2] }, rotation },
  };
}

function close(t: { true(value: boolean, message?: string): unknown }, a: object, b: object): void {
  const [p, q] = [Object.values(a) as number[], Object.values(b) as number[]];
  t.true(
    p.length === q.length && p.every((value, i) => Math.abs(value - (q[i] ?? Number.NaN)) < 1e-9),
    `${p} against ${q}`,
  );
}

function car(): TransformTree {
  const tree = new TransformTree();
  tree.add({ transforms: [link('base_link', 'velodyne', [0.5, 0, 1.7])] });
  tree.add({
    transforms: [link('base_link', 'mast', [0, 0, 1.5]), link('mast', 'camera', [1, 0.1, 0.2], OPTICAL)],
  });
  return tree;
}

test('a point straight ahead of the car lies on the optical axis of its camera', (t) => {
  const cameraFromBase = car().lookup('camera', 'base_link');
  // 11 m ahead of the base, at the camera's lateral offset and height.
  close(t, transformPoint(cameraFromBase, { x: 11, y: 0.1, z: 1.7 }), { x: 0, y: 0, z: 10 });
  // Left of the axis is negative x, above it negative y.
  close(t, transformPoint(cameraFromBase, { x: 11, y: 1.1, z: 2.7 }), { x: -1, y: -1, z: 10 });
});

test('siblings are connected through their parent', (t) => {
  const cameraFromVelodyne = car().lookup('camera', 'velodyne');
  // 10.5 m ahead of the LiDAR is 11 m ahead of the base; 0.1 m left; at the LiDAR's height.
  close(t, transformPoint(cameraFromVelodyne, { x: 10.5, y: 0.1, z: 0 }), { x: 0, y: 0, z: 10 });
});

test('looking up the other way gives the inverse, and a frame from itself the identity', (t) => {
  const tree = car();
  close(
    t,
    composeTransforms(tree.lookup('camera', 'velodyne'), tree.lookup('velodyne', 'camera')),
    identityTransform(),
  );
  t.deepEqual(tree.lookup('camera', 'camera'), identityTransform());
  t.deepEqual(new TransformTree().lookup('map', 'map'), identityTransform());
});

test('a transform sent again replaces the earlier one', (t) => {
  const tree = car();
  tree.add({ transforms: [link('base_link', 'velodyne', [2, 0, 0])] });
  close(t, transformPoint(tree.lookup('base_link', 'velodyne'), { x: 1, y: 0, z: 0 }), { x: 3, y: 0, z: 0 });
});

test('a leading slash in a frame is the same frame', (t) => {
  t.deepEqual(car().lookup('/camera', '/velodyne'), car().lookup('camera', 'velodyne'));
});

test('an unknown frame is an error that lists the known ones', (t) => {
  t.throws(() => car().lookup('camera', 'radar'), {
    instanceOf: MessageError,
    message: /from `radar` to `camera`: frame `radar` is not .*base_link, velodyne, mast, camera/,
  });
});

test('frames of separate trees are an error that names both roots', (t) => {
  const tree = car();
  tree.add({ transforms: [link('trailer', 'rear_lidar', [0, 0, 1])] });
  t.throws(() => tree.lookup('camera', 'rear_lidar'), {
    instanceOf: MessageError,
    message: /separate trees, with roots `trailer` and `base_link`/,
  });
});

test('a loop, a rotation of zeros and a frame under itself are refused', (t) => {
  const refuses = (transform: TransformStamped, message: RegExp) =>
    t.throws(() => car().add({ transforms: [transform] }), { instanceOf: MessageError, message });
  refuses(link('camera', 'base_link', [0, 0, 0]), /loop/);
  refuses(link('base_link', 'imu', [0, 0, 0], { x: 0, y: 0, z: 0, w: 0 }), /rotation/);
  refuses(link('base_link', 'imu', [Number.NaN, 0, 0]), /finite/);
  refuses(link('imu', 'imu', [0, 0, 0]), /two frames/);
});

test('what is refused keeps nothing else of its message from being known', (t) => {
  const tree = new TransformTree();
  const transforms = [link('a', 'a', [0, 0, 0]), link('map', 'odom', [1, 2, 3]), link('', 'b', [0, 0, 0])];
  t.throws(() => tree.add({ transforms }), { instanceOf: MessageError, message: /from `a` to `a`/ });
  close(t, transformPoint(tree.lookup('map', 'odom'), { x: 0, y: 0, z: 0 }), { x: 1, y: 2, z: 3 });
});

test('the height of a camera is summed up along the tree, across its root too', (t) => {
  const tree = new TransformTree();
  tree.add({
    transforms: [
      link('base_link', 'base_footprint', [0, 0, -0.4]),
      link('base_link', 'roof', [0.5, 0, 1.1]),
      link('/roof', 'camera', [0.2, 0, 0.15], OPTICAL),
    ],
  });
  t.true(Math.abs(tree.heightOver('base_footprint', 'camera') - 1.65) < 1e-12);
  t.true(Math.abs(tree.heightOver('base_link', 'camera') - 1.25) < 1e-12);
});

test("a height goes along the base frame's own z, by translations turned as the rotations above them say", (t) => {
  const tree = new TransformTree();
  // 90 degrees about y: the x axis points down.
  const noseDown = { x: 0, y: Math.SQRT1_2, z: 0, w: Math.SQRT1_2 };
  tree.add({
    transforms: [link('world', 'tilted', [0, 0, 2], noseDown), link('tilted', 'camera', [1, 0, 0])],
  });
  t.true(Math.abs(tree.heightOver('world', 'camera') - 1) < 1e-12);
  // Seen from the tilted frame, whose z axis lies horizontally, the world's origin is level with it.
  t.true(Math.abs(tree.heightOver('tilted', 'world')) < 1e-12);
});

test('rigid motions keep distances, and their inverse undoes them', (t) => {
  const number = fc.double({ min: -10, max: 10, noNaN: true });
  const vector = fc.record({ x: number, y: number, z: number });
  const quaternion = fc
    .record({ x: number, y: number, z: number, w: number })
    .filter((q) => Math.hypot(q.x, q.y, q.z, q.w) > 1e-3);
  fc.assert(
    fc.property(vector, quaternion, vector, vector, (translation, rotation, a, b) => {
      const motion = transformFromPose(translation, rotation);
      const [movedA, movedB] = [transformPoint(motion, a), transformPoint(motion, b)];
      const distance = (p: typeof a, q: typeof a) => Math.hypot(p.x - q.x, p.y - q.y, p.z - q.z);
      t.true(Math.abs(distance(movedA, movedB) - distance(a, b)) < 1e-9);
      close(t, transformPoint(invertTransform(motion), movedA), a);
    }),
  );
});
