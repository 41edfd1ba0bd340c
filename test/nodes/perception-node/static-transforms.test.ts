import test from 'ava';
import type { TransformStamped } from '../../../msgs/tf-message.js';
import { StaticTransforms } from '../../../nodes/perception-node/static-transforms.js';

type Quaternion = readonly [x: number, y: number, z: number, w: number];

function transform(
  parent: string,
  child: string,
  [x, y, z]: readonly [number, number, number],
  [qx, qy, qz, qw]: Quaternion = [0, 0, 0, 1],
): TransformStamped {
  return {
    header: { stamp: { sec: 0, nanosec: 0 }, frame_id: parent },
    child_frame_id: child,
    transform: { translation: { x, y, z }, rotation: { x: qx, y: qy, z: qz, w: qw } },
  };
}

/** Optical frame in a body frame: x right, y down, z forward. */
const OPTICAL: Quaternion = [-0.5, 0.5, -0.5, 0.5];
/** 90 degrees about y: the x axis points down. */
const NOSE_DOWN: Quaternion = [0, Math.SQRT1_2, 0, Math.SQRT1_2];

test('the height of a camera is summed up along the tree, across its root too', (t) => {
  const transforms = new StaticTransforms();
  transforms.add({
    transforms: [
      transform('base_link', 'base_footprint', [0, 0, -0.4]),
      transform('base_link', 'roof', [0.5, 0, 1.1]),
      transform('/roof', 'camera', [0.2, 0, 0.15], OPTICAL),
    ],
  });
  t.true(Math.abs((transforms.heightOver('base_footprint', 'camera') ?? 0) - 1.65) < 1e-12);
  t.true(Math.abs((transforms.heightOver('base_link', 'camera') ?? 0) - 1.25) < 1e-12);
});

test("translations are turned by the rotations above them, and up is the base frame's own z", (t) => {
  const transforms = new StaticTransforms();
  transforms.add({
    transforms: [
      transform('world', 'tilted', [0, 0, 2], NOSE_DOWN),
      transform('tilted', 'camera', [1, 0, 0]),
    ],
  });
  t.true(Math.abs((transforms.heightOver('world', 'camera') ?? 0) - 1) < 1e-12);
  // Seen from the tilted frame, whose z axis lies horizontally, the world's origin is level with it.
  t.true(Math.abs(transforms.heightOver('tilted', 'world') ?? 1) < 1e-12);
});

test('frames that are not connected, and loops, have no height', (t) => {
  const transforms = new StaticTransforms();
  transforms.add({ transforms: [transform('a', 'b', [0, 0, 1]), transform('c', 'd', [0, 0, 1])] });
  t.is(transforms.heightOver('a', 'd'), undefined);
  transforms.add({ transforms: [transform('b', 'a', [0, 0, 1])] });
  t.is(transforms.heightOver('a', 'b'), undefined);
});
