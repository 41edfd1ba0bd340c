import test from 'ava';
import type { NodeAv } from '../../../msgs/video/node-av.js';
import { VideoDecoder, type VideoLoss } from '../../../msgs/video/video-decoder.js';
import { av, CODECS, decoded, ORDERS, PICTURES } from './decoded-video.js';
import { encodeVideo, exactVideo, lossOf, VIDEO_WIDTH, whereVideo } from './encode-video.js';

const withAv = whereVideo(test, av);
if (av === undefined) test('decoding was not tested: node-av is not installed', (t) => t.pass());

for (const codec of CODECS) {
  for (const order of ORDERS) {
    withAv(`${codec}, ${order}: every picture comes, exact, in order and under its own header`, async (t) => {
      const packets = await exactVideo(PICTURES, codec, { order });
      const inOrder = packets.every(({ picture }, index) => picture === index);
      t.is(inOrder, order === 'plain');
      const { shown, losses } = await decoded(t, packets, codec, lossOf(codec, order));
      t.deepEqual(shown, [...PICTURES.keys()]);
      t.deepEqual(losses, []);
    });
  }
}

withAv('colours are those of the standard that the stream names, BT.601 where it names none', async (t) => {
  const size = { width: 16, height: 16, group: 1 };
  // Source: ITU-R BT.601 and BT.709, 8 bits: R = 1.164 (Y - 16) + r (Cr - 128), and so on.
  const [y, cb, cr] = [120, 100, 160];
  const planes = Uint8Array.from([...Array(256).fill(y), ...Array(64).fill(cb), ...Array(64).fill(cr)]);
  const rgb = (red: number, greenB: number, greenR: number, blue: number) => {
    const luma = (255 / 219) * (y - 16);
    return [
      luma + red * (cr - 128),
      luma - greenB * (cb - 128) - greenR * (cr - 128),
      luma + blue * (cb - 128),
    ];
  };
  for (const [params, expected] of [
    ['keyint=1', rgb(1.596, 0.392, 0.813, 2.017)],
    ['colormatrix=bt709', rgb(1.793, 0.213, 0.533, 2.112)],
  ] as const) {
    const [packet] = await encodeVideo([planes], {
      ...{ encoder: 'libx264', format: 'yuv420p', ...size },
      options: { qp: '0', tune: 'zerolatency', 'x264-params': params },
    });
    const decoder = new VideoDecoder({ av: av as NodeAv, topic: '/video', onLoss: () => t.fail() });
    const header = { stamp: { sec: 0, nanosec: 0 }, frame_id: '' };
    const [frame] = await decoder.push({ header, coding: 'h264', data: packet?.data ?? new Uint8Array() });
    decoder.close();
    const pixel = [...(frame?.image.data.subarray(0, 3) ?? [])];
    for (const [channel, value] of expected.entries())
      t.true(Math.abs((pixel[channel] ?? 0) - value) <= 3, `${params}: ${pixel} for ${expected}`);
  }
});

withAv('another size or another codec within one topic is decoded from its key frame on', async (t) => {
  const [h264, h265] = [await exactVideo(PICTURES, 'h264'), await exactVideo(PICTURES, 'h265')];
  const small = await encodeVideo([new Uint8Array(3 * 32 * 32).fill(77)], {
    ...{ encoder: 'libx264rgb', format: 'rgb24', width: 32, height: 32, group: 1 },
    options: { qp: '0', tune: 'zerolatency' },
  });
  const losses: VideoLoss[] = [];
  const decoder = new VideoDecoder({
    av: av as NodeAv,
    topic: '/video',
    onLoss: (loss) => losses.push(loss),
  });
  const sizes: number[] = [];
  for (const [coding, packets] of [
    ['h264', h264.slice(0, 2)],
    ['h264', small],
    ['hevc', h265.slice(0, 2)],
  ] as const) {
    for (const { data } of packets) {
      const header = { stamp: { sec: 0, nanosec: 0 }, frame_id: '' };
      for (const { image } of await decoder.push({ header, coding, data })) sizes.push(image.width);
    }
  }
  decoder.close();
  t.deepEqual(sizes, [VIDEO_WIDTH, VIDEO_WIDTH, 32, VIDEO_WIDTH, VIDEO_WIDTH]);
  t.deepEqual(losses, []);
});

withAv('a codec that is not decoded is refused with its name and that of the topic', async (t) => {
  for (const coding of ['av1', 'vp9', 'libaom-av1;yuv420p']) {
    await t.throwsAsync(decoded(t, [{ picture: 0, data: new Uint8Array(4) }], coding), {
      name: 'MessageError',
      message: new RegExp(`/video.*codec \`${coding}\`.*expected \`h264\` or \`h265\``),
    });
  }
});
