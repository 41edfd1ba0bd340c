import test from 'ava';
import { firstValueFrom, of } from 'rxjs';
import { transformFromAxisAngle } from '../../../../msgs/camera/transform-from-axis-angle.js';
import { imageCodec } from '../../../../msgs/image.js';
import { odometryCodec } from '../../../../msgs/odometry.js';
import { tfMessageCodec } from '../../../../msgs/tf-message.js';
import { LentMemory } from '../../../../nodes/perception/engine/lent-memory.js';
import type { MotionRequest } from '../../../../nodes/perception/motion/motion-protocol.js';
import { levelFrameName } from '../../../../nodes/perception/obstacles/level-frame.js';
import { OdometryOutput } from '../../../../nodes/perception/odometry/odometry-output.js';
import type { EncodedFrame } from '../../../../nodes/perception/operators/encode.js';
import { trackMotion } from '../../../../nodes/perception/operators/track-motion.js';
import { PipelineStatistics } from '../../../../nodes/perception/pipeline-statistics.js';
import { delivered, testImage, testInfo } from '../../test-messages.js';

const maps = {
  ...{ height: 1, width: 1, pointStride: 0 },
  ...{ image: new Uint8Array(3), depth: new Float32Array(1) },
};

function frame(metric: boolean, frame_id = 'camera'): EncodedFrame {
  const timings = { decodeMs: 0, inferMs: 0, encodeMs: 0 };
  const result = {
    width: 1,
    height: 1,
    messages: { depth: new Uint8Array() },
    maps,
    timings,
    release: () => {},
  };
  return {
    kind: 'encoded',
    messages: [],
    frame: {
      ...{
        kind: 'frame',
        image: delivered(testImage({ frame_id }), '/image'),
        info: testInfo(),
        pairedBy: 'stamp',
      },
      ...{ arrivedMs: 0, result, scale: { factor: 2, metric } },
    },
  };
}

/** What comes of a frame when the camera went ahead by a unit since the frame before. */
async function tracked(metric: boolean, tf: boolean, frameId?: string) {
  const requests: unknown[] = [];
  const ego = {
    earlierFromLater: transformFromAxisAngle([0, 0, 0, 0, 0, 1]),
    covariance: new Float64Array(36),
  };
  const motion = {
    recycle: () => {},
    track: (request: Omit<MotionRequest, 'id' | 'reuse'>) => {
      requests.push(request);
      const moving = imageCodec.encode({ ...testImage(), encoding: 'mono8' });
      return Promise.resolve({
        kind: 'motion',
        id: 0,
        moving,
        maps,
        lambda: 1,
        motionMs: 1,
        ego,
        seconds: 0.1,
      } as const);
    },
  };
  const odometry = new OdometryOutput({ odometryFrame: 'odom', baseFrame: '', tf, mount: () => undefined });
  const options = {
    ...{ motion, cameraKind: 'raw' as const, classes: () => [], metersPerUnit: () => 1 },
    topics: { status: 'status', odometry: 'odometry', tf: '/tf' },
    ...{ odometry: () => odometry, statistics: new PipelineStatistics() },
  };
  const item = await firstValueFrom(of(frame(metric, frameId)).pipe(trackMotion(options)));
  const messages = item.kind === 'encoded' ? item.messages : [];
  return Object.assign([...messages], { warnings: options.statistics.warnings });
}

test("the camera's motion becomes odometry in metres, on /tf only where that is wanted", async (t) => {
  const [odometry, tf] = await tracked(true, true);
  t.is(odometry?.topic, 'odometry');
  t.is(odometryCodec.decode(odometry?.cdr ?? new Uint8Array()).pose.pose.position.x, 2);
  t.is(tf?.topic, '/tf');
  t.is(tfMessageCodec.decode(tf?.cdr ?? new Uint8Array()).transforms[0]?.child_frame_id, 'camera');
  t.deepEqual(
    (await tracked(true, false)).map(({ topic }) => topic),
    ['odometry'],
  );
});

test('frames on /tf are named as tf2 takes them, and one without a name is not there', async (t) => {
  const [, slashed] = await tracked(true, true, '/camera');
  t.is(tfMessageCodec.decode(slashed?.cdr ?? new Uint8Array()).transforms[0]?.child_frame_id, 'camera');
  const nameless = await tracked(true, true, '');
  t.deepEqual(
    nameless.map(({ topic }) => topic),
    ['odometry'],
  );
  t.regex(nameless.warnings[0]?.text ?? '', /images have no `frame_id`/);
  t.is(levelFrameName('/camera'), 'camera_level');
});

test('without a metric scale there is neither', async (t) => {
  t.is((await tracked(false, true)).length, 0);
});

test('obstacles are not asked for of a frame without points, and no ground is missed then', async (t) => {
  const statistics = new PipelineStatistics();
  const asked: string[] = [];
  const moving = imageCodec.encode({ ...testImage(), encoding: 'mono8' });
  const options = {
    motion: {
      recycle: () => {},
      track: () => Promise.resolve({ kind: 'motion', id: 0, moving, maps, lambda: 1, motionMs: 1 } as const),
    },
    ...{ cameraKind: 'raw' as const, classes: () => [], metersPerUnit: () => 1, statistics },
    topics: { status: 'status', scan: 'scan' },
    obstacles: { of: (_: unknown, __: unknown, camera: string) => void asked.push(camera) },
  };
  await firstValueFrom(of(frame(true)).pipe(trackMotion(options)));
  t.deepEqual(asked, []);
  t.deepEqual(statistics.warnings, []);
});

test('the mask of what moves is kept as the other messages of its frame are', async (t) => {
  const given: string[] = [];
  const memory = new LentMemory(() => given.push('frame'));
  const moving = imageCodec.encode({ ...testImage(), encoding: 'mono8' });
  const options = {
    motion: {
      recycle: (mask: Uint8Array) => void given.push(mask === moving ? 'mask' : 'another mask'),
      track: () => Promise.resolve({ kind: 'motion', id: 0, moving, maps, lambda: 1, motionMs: 1 } as const),
    },
    ...{ cameraKind: 'raw' as const, classes: () => [], metersPerUnit: () => 1 },
    ...{ topics: { status: 'status', moving: 'moving' }, statistics: new PipelineStatistics() },
  };
  const before = frame(true);
  const { result } = before.frame;
  const lent = { ...result, keep: () => memory.keep(), release: () => memory.release() };
  const item = await firstValueFrom(
    of({ ...before, frame: { ...before.frame, result: lent } }).pipe(trackMotion(options)),
  );
  if (item.kind !== 'encoded') throw new Error(item.reason);
  t.deepEqual(
    item.messages.map(({ topic }) => topic),
    ['moving'],
  );
  const end = item.messages[0]?.keep?.();
  item.frame.result.release();
  t.deepEqual(given, []);
  end?.();
  t.deepEqual(given.toSorted(), ['frame', 'mask']);
});

test('a cloud of which nothing is made stays where it is', async (t) => {
  const requests: { readonly points?: Uint8Array }[] = [];
  const moving = imageCodec.encode({ ...testImage(), encoding: 'mono8' });
  const asked: string[] = [];
  const options = {
    motion: {
      recycle: () => {},
      track: (request: Omit<MotionRequest, 'id' | 'reuse'>) => {
        requests.push(request);
        const { points } = request;
        const answer = { kind: 'motion', id: 0, moving, maps, lambda: 1, motionMs: 1 } as const;
        return Promise.resolve({ ...answer, ...(points && { points }) });
      },
    },
    ...{ cameraKind: 'raw' as const, classes: () => [], metersPerUnit: () => 1 },
    topics: { status: 'status', staticPoints: 'static', moving: 'moving' },
    statistics: new PipelineStatistics(),
    obstacles: { of: (_: unknown, __: unknown, camera: string) => void asked.push(camera) },
  };
  const points = Uint8Array.of(1, 2, 3);
  for (const stays of [false, true]) {
    const before = frame(true);
    const { result } = before.frame;
    const messages = { ...result.messages, points };
    const item = await firstValueFrom(
      of({
        ...{ ...before, frame: { ...before.frame, result: { ...result, messages } } },
        ...(stays && { cloudStays: true as const }),
      }).pipe(trackMotion(options)),
    );
    if (item.kind !== 'encoded') throw new Error(item.reason);
    t.is(item.frame.result.messages.points, points);
    t.is(requests.at(-1)?.points, stays ? undefined : points);
    t.deepEqual(
      item.messages.map(({ topic }) => topic),
      stays ? ['moving'] : ['moving', 'static'],
    );
  }
  t.is(asked.length, 1, 'obstacles are sought in a cloud that is given away alone');
});
