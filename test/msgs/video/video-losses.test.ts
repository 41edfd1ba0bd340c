import test from 'ava';
import type { NodeAv } from '../../../msgs/video/node-av.js';
import { BEFORE_KEY, VideoDecoder, type VideoLoss } from '../../../msgs/video/video-decoder.js';
import { av, CODECS, decoded, framesOf, ORDERS, PICTURES } from './decoded-video.js';
import {
  encodeVideo,
  exactVideo,
  lossOf,
  VIDEO_HEIGHT,
  VIDEO_WIDTH,
  videoPictures,
  whereVideo,
} from './encode-video.js';

const withAv = whereVideo(test, av);
if (av === undefined) test('decoding was not tested: node-av is not installed', (t) => t.pass());

for (const codec of CODECS) {
  for (const order of ORDERS) {
    withAv(
      `${codec}, ${order}: whatever packet is missing, no picture is wrong and none is lost untold`,
      async (t) => {
        t.timeout(240_000);
        const packets = await exactVideo(PICTURES, codec, { order });
        for (const lost of packets.keys()) {
          const left = packets.filter((_, index) => index !== lost);
          const { shown, losses } = await decoded(t, left, codec, lossOf(codec, order));
          t.deepEqual(
            shown,
            [...shown].sort((a, b) => a - b),
          );
          t.is(
            shown.length + losses.filter((loss) => !loss.shown).length,
            left.length,
            `without packet ${lost}`,
          );
        }
      },
    );
  }
}

withAv('what comes before the first key frame is left out, and told as that', async (t) => {
  for (const codec of CODECS) {
    const packets = await exactVideo(PICTURES, codec);
    const { shown, losses } = await decoded(t, packets.slice(2), codec);
    t.deepEqual(shown, [6, 7, 8, 9, 10, 11, 12, 13]);
    t.deepEqual(
      losses.map(({ reason, header }) => [reason, header.stamp.sec]),
      [2, 3, 4, 5].map((sec) => [BEFORE_KEY, sec]),
    );
  }
});

withAv('after missing packets frames are left out until the next key frame, all as one event', async (t) => {
  const packets = await exactVideo(PICTURES, 'h264');
  const { shown, losses } = await decoded(t, [...packets.slice(0, 2), ...packets.slice(4)], 'h264');
  t.deepEqual(shown, [0, 1, 6, 7, 8, 9, 10, 11, 12, 13]);
  t.deepEqual(
    losses.map(({ missing }) => missing),
    [2, 0],
  );
  t.is(new Set(losses.map(({ event }) => event)).size, 1);
  t.regex(losses[0]?.reason ?? '', /missing.*until the next key frame/);
});

withAv('pictures that are refreshed piece by piece are shown again when they are exact', async (t) => {
  const pictures = videoPictures(40);
  const packets = await encodeVideo(pictures, {
    ...{ encoder: 'libx264rgb', format: 'rgb24', width: VIDEO_WIDTH, height: VIDEO_HEIGHT, group: 8 },
    options: { qp: '0', tune: 'zerolatency', 'x264-params': 'intra-refresh=1' },
  });
  const losses: VideoLoss[] = [];
  const decoder = new VideoDecoder({
    av: av as NodeAv,
    topic: '/video',
    onLoss: (loss) => losses.push(loss),
  });
  const shown: number[] = [];
  for (const { picture, data } of packets.filter((_, index) => index !== 3)) {
    const header = { stamp: { sec: picture, nanosec: 0 }, frame_id: '' };
    for (const { image } of await decoder.push({ header, coding: 'h264', data })) {
      t.deepEqual(Buffer.from(image.data), Buffer.from(pictures[image.header.stamp.sec] ?? []));
      shown.push(image.header.stamp.sec);
    }
  }
  decoder.close();
  t.deepEqual(shown.slice(0, 3), [0, 1, 2]);
  t.true(shown.length > 3, 'it begins again');
});

withAv('damaged packets and those that came twice are told, and what follows is exact', async (t) => {
  const packets = await exactVideo(PICTURES, 'h264');
  const [p2, p3] = [packets[2], packets[3]];
  if (p2 === undefined || p3 === undefined) return t.fail();
  const noise = { picture: 3, data: Uint8Array.from([1, 2, 3, 4, 5, 6, 7, 8]) };
  const { shown, losses } = await decoded(
    t,
    [...packets.slice(0, 3), p2, noise, ...packets.slice(4)],
    'h264',
  );
  t.deepEqual(shown, [0, 1, 2, 6, 7, 8, 9, 10, 11, 12, 13]);
  t.deepEqual(
    losses.map(({ header }) => header.stamp.sec),
    [2, 3, 4, 5],
  );
  t.regex(losses[0]?.reason ?? '', /twice/);
  t.regex(losses[1]?.reason ?? '', /start code/);
});

withAv(
  'H.264 that begins in open groups of pictures leaves out what refers to older ones, and no more',
  async (t) => {
    const pictures = videoPictures(20);
    const packets = await encodeVideo(pictures, {
      ...{ encoder: 'libx264rgb', format: 'rgb24', width: VIDEO_WIDTH, height: VIDEO_HEIGHT, group: 6 },
      options: { qp: '1', bf: '2', 'x264-params': 'b-adapt=0:scenecut=0:open-gop=1' },
    });
    const { frames: whole } = await framesOf(packets);
    t.is(whole.size, 20);
    const left = packets.slice(2);
    const { frames, losses } = await framesOf(left);
    for (const [picture, pixels] of frames) t.true(whole.get(picture)?.equals(pixels), `picture ${picture}`);
    t.is(frames.size + losses.length, left.length);
    t.deepEqual(
      [...whole.keys()].slice(8).filter((picture) => !frames.has(picture)),
      [],
    );
    t.true(losses.some(({ reason }) => /open group of pictures/.test(reason)));
  },
);

withAv('a cut packet leaves no trace in the pictures from the next key frame on', async (t) => {
  const [width, height] = [192, 112];
  const planes = Array.from({ length: 8 }, (_, index) =>
    Uint8Array.from(
      { length: (width * height * 3) / 2 },
      (_, at) => ((at * 7 + index * 13) ^ (at >> 6)) & 255,
    ),
  );
  const packets = await encodeVideo(planes, {
    ...{ encoder: 'libx264', format: 'yuv420p', width, height, group: 4 },
    options: { profile: 'baseline', tune: 'zerolatency', 'x264-params': 'scenecut=0' },
  });
  const { frames: whole } = await framesOf(packets);
  t.is(whole.size, 8);
  for (const share of [0.3, 0.7, 0.95]) {
    const { frames } = await framesOf(
      packets.map(({ picture, data }) => ({
        picture,
        data: picture === 1 ? data.subarray(0, Math.floor(data.length * share)) : data,
      })),
    );
    t.deepEqual([...frames.keys()], [0, 4, 5, 6, 7]);
    for (const [picture, pixels] of frames) t.true(whole.get(picture)?.equals(pixels), `picture ${picture}`);
  }
});

withAv(
  'an empty packet costs no other frame, and one of several pictures is refused with what to do',
  async (t) => {
    for (const codec of CODECS) {
      const packets = await exactVideo(PICTURES, codec);
      const empty = { picture: 3, data: new Uint8Array() };
      const one = await decoded(t, [...packets.slice(0, 3), empty, ...packets.slice(3)], codec);
      t.deepEqual(one.shown, [...PICTURES.keys()]);
      t.regex(one.losses[0]?.reason ?? '', /no bytes/);
      const [second, third] = [packets[1], packets[2]];
      if (second === undefined || third === undefined) return t.fail();
      const both = { picture: 1, data: Buffer.concat([second.data, third.data]) };
      const two = await decoded(t, [...packets.slice(0, 1), both, ...packets.slice(3)], codec);
      t.deepEqual(two.shown, [0, 6, 7, 8, 9, 10, 11, 12, 13]);
      t.regex(two.losses[0]?.reason ?? '', /several pictures.*record one picture a message/);
    }
  },
);

withAv('wherever a packet of H.265 is cut short, no picture is wrong, and the reason is told', async (t) => {
  t.timeout(240_000);
  for (const order of ORDERS) {
    const packets = await exactVideo(PICTURES, 'h265', { order });
    const reasons = new Set<string>();
    for (const [at, bytes] of [
      [0, 0.9],
      [1, 0.3],
      [1, 0.9],
      [3, 0.6],
      [3, -2],
    ] as const) {
      const left = packets.map(({ picture, data }, index) => ({
        picture,
        data: index === at ? data.subarray(0, bytes < 0 ? bytes : Math.floor(bytes * data.length)) : data,
      }));
      const { shown, losses } = await decoded(t, left, 'h265');
      t.false(shown.includes(packets[at]?.picture ?? 0), `${order}, packet ${at} cut at ${bytes}`);
      t.is(shown.length + losses.length, packets.length);
      for (const { reason } of losses) reasons.add(reason);
    }
    t.true([...reasons].some((reason) => /cut short.*until the next key frame/.test(reason)));
  }
});
