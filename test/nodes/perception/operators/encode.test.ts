import test from 'ava';
import { firstValueFrom, from } from 'rxjs';
import { cameraInfoCodec } from '../../../../msgs/camera-info.js';
import type { EncodedFrame } from '../../../../nodes/perception/operators/encode.js';
import { encode } from '../../../../nodes/perception/operators/encode.js';
import { delivered, testImage, testInfo } from '../../test-messages.js';

const TOPICS = {
  ...{ depth: 'depth', relative: 'relative', depthInfo: 'info', labels: 'labels', color: 'color' },
  ...{ dynamic: 'dynamic', points: 'points', status: 'status' },
};
const bytes = (value: number) => Uint8Array.of(value);

async function encoded(metric: boolean, options = {}): Promise<EncodedFrame> {
  const message = { ...testImage(), header: { stamp: { sec: 7, nanosec: 5 }, frame_id: 'camera' } };
  const info = { ...testInfo(), header: { stamp: { sec: 6, nanosec: 9 }, frame_id: 'other' } };
  const image = { ...delivered(message, '/image'), logTimeNs: 123n };
  const messages = { depth: bytes(1), labels: bytes(2), dynamic: bytes(3), points: bytes(4) };
  const timings = { decodeMs: 0, inferMs: 0, encodeMs: 0 };
  const result = { width: 1, height: 1, messages, timings, keep: () => () => {}, release: () => {} };
  const frame = {
    ...({ kind: 'frame', image, info, pairedBy: 'nearest', arrivedMs: 0, result } as const),
    scale: { factor: 1, metric },
  };
  const item = await firstValueFrom(from([frame]).pipe(encode(TOPICS, options)));
  if (item.kind !== 'encoded') throw new Error(item.reason);
  return item;
}

test("the depth's camera_info is the paired one under the stamp and frame of the image", async (t) => {
  const { messages } = await encoded(true);
  const cdr = messages.find(({ topic }) => topic === 'info')?.cdr ?? new Uint8Array();
  const { header, ...rest } = cameraInfoCodec.decode(cdr);
  t.deepEqual(header, { stamp: { sec: 7, nanosec: 5 }, frame_id: 'camera' });
  const { header: _, ...paired } = testInfo();
  t.deepEqual([...rest.k], [...paired.k]);
  t.is(rest.width, paired.width);
  t.true(
    messages.every(({ logTimeNs }) => logTimeNs === 123n),
    "the input's log time",
  );
});

test('what is not in metres never appears under the metric names', async (t) => {
  const given = async (metric: boolean) =>
    (await encoded(metric)).messages
      .filter(({ topic }) => topic !== 'info')
      .map(({ topic, cdr }) => `${topic} ${cdr[0]}`);
  t.deepEqual(await given(true), ['depth 1', 'labels 2', 'dynamic 3', 'points 4']);
  t.deepEqual(await given(false), ['relative 1', 'labels 2', 'dynamic 3']);
});

test('what motion tracking takes over cannot be kept, unless nothing is tracked', async (t) => {
  const kept = async (options?: object) =>
    (await encoded(true, options)).messages
      .filter(({ keep }) => keep !== undefined)
      .map(({ topic }) => topic);
  const computed = new Set(['depth', 'labels', 'dynamic', 'points']);
  const topics = async (options?: object) => (await kept(options)).filter((topic) => computed.has(topic));
  t.deepEqual(await topics(), ['depth', 'labels']);
  t.deepEqual(await topics({ uncompared: true }), [...computed]);
  t.deepEqual(await topics({ cloudStays: () => true }), ['depth', 'labels', 'points']);
});
