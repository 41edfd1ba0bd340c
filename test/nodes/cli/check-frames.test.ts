import { rm } from 'node:fs/promises';
import anyTest, { type TestFn } from 'ava';
import { logTime, type RecordedMessage, TF } from '../test-bag.js';
import { drive, of, type ReplayContext, replay, replayContext } from './test-replay.js';

const test = anyTest as TestFn<ReplayContext>;

test.before(async (t) => {
  t.context = await replayContext();
});

test.after.always((t) => rm(t.context.folder, { recursive: true }));

/** /tf_static with `child` under `parent`, said before the first picture. */
function mount(parent: string, child: string, w = 1): RecordedMessage {
  const transform = { translation: { x: 0, y: 0, z: 1.5 }, rotation: { x: 0, y: 0, z: 0, w } };
  const header = { stamp: { sec: 0, nanosec: 0 }, frame_id: parent };
  return {
    ...{ topic: '/tf_static', type: TF, logTimeNs: logTime(0) - 1_000_000_000n },
    message: { transforms: [{ header, child_frame_id: child, transform }] },
  };
}

test.serial('a pose on /tf gives no frame a second parent', async (t) => {
  const messages = [mount('base_link', 'lidar'), mount('lidar', 'camera'), ...drive(2)];
  const refused = { message: /second parent beside `lidar` of \/tf_static.*`--base-frame base_link`/ };
  await t.throwsAsync(replay(t, messages, { motion: true, odometryTf: true }), refused);
  await t.throwsAsync(replay(t, messages, { motion: true, odometryTf: true, baseFrame: 'lidar' }), {
    message: /give `lidar` a second parent beside `base_link`/,
  });
  const { summary } = await replay(t, messages, { motion: true, odometryTf: true, baseFrame: 'base_link' });
  t.is(summary.framesOut, 2);
  const alone = await replay(t, drive(2), { motion: true, odometryTf: true, overwrite: true });
  t.is(of(alone.output, '/rxdepth/depth/image').length, 2, 'a camera that hangs nowhere may have the pose');
});

test.serial(
  'a base frame that the recording does not have is refused with those that are there',
  async (t) => {
    const messages = [mount('base_link', 'camera'), ...drive(1)];
    await t.throwsAsync(replay(t, messages, { motion: true, baseFrame: 'nope' }), {
      message: /`--base-frame nope`: .*frame `nope` is not in \/tf_static; known frames: base_link, camera/,
    });
    await t.throwsAsync(replay(t, drive(1), { motion: true, baseFrame: 'base_link' }), {
      message: /known frames: none/,
    });
    await t.throwsAsync(
      replay(t, [mount('base_link', 'camera', 0), ...drive(1)], { baseFrame: 'base_link' }),
      {
        message: /a rotation that is not zero/,
      },
    );
  },
);

test.serial('options that would change nothing are refused by name', async (t) => {
  for (const [change, message] of [
    [{ cameraHeight: 1.65 }, /`--camera-height` counts with `--scale camera_height` alone/],
    [{ lidar: '/points' }, /`--lidar` counts with `--scale lidar` alone/],
    [{ odometry: '/odom', scale: 'lidar' }, /`--odometry` counts with `--scale odometry` alone/],
    [{ motion: false, odometryTf: true }, /`--odometry-tf` needs the comparison of frames/],
    [{ obstacleRange: 5 }, /`--obstacle-range` counts with `--obstacles` alone/],
    [
      { intrinsics: { fx: 50, fy: 50, cx: 31.5, cy: 15.5 }, cameraInfo: '/info' },
      /leave `--camera-info` out/,
    ],
  ] as const)
    await t.throwsAsync(replay(t, drive(1), change), { message });
});
