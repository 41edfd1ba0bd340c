import test, { type ExecutionContext } from 'ava';
import { nalUnits } from '../../../msgs/video/nal-units.js';
import type { NodeAv } from '../../../msgs/video/node-av.js';
import { BEFORE_KEY, VideoDecoder, type VideoLoss } from '../../../msgs/video/video-decoder.js';
import { annexB } from './bit-writer.js';
import {
  type EncodedPacket,
  encodeVideo,
  exactVideo,
  lossOf,
  VIDEO_HEIGHT,
  VIDEO_WIDTH,
  videoPictures,
  videoTools,
  whereVideo,
} from './encode-video.js';

const av = await videoTools();
const withAv = whereVideo(test, av);
if (av === undefined) test('decoding was not tested: node-av is not installed', (t) => t.pass());

const PICTURES = videoPictures(14);
const CODECS = ['h264', 'h265'] as const;
const ORDERS = ['plain', 'reordered'] as const;

/** Decodes packets, each stamped with the number of its picture in seconds; every frame has to be that picture. */
async function decoded(
  t: ExecutionContext,
  packets: readonly EncodedPacket[],
  coding: string,
  tolerance = 0,
): Promise<{ readonly shown: readonly number[]; readonly losses: readonly VideoLoss[] }> {
  const losses: VideoLoss[] = [];
  const decoder = new VideoDecoder({
    av: av as NodeAv,
    topic: '/video',
    onLoss: (loss) => losses.push(loss),
  });
  const frames = [];
  for (const { picture, data } of packets) {
    const header = { stamp: { sec: picture, nanosec: 0 }, frame_id: 'camera' };
    frames.push(...(await decoder.push({ header, coding, data })));
  }
  frames.push(...(await decoder.end()));
  decoder.close();
  const shown = frames.map(({ image: { header, width, height, encoding, step, data } }) => {
    t.deepEqual([width, height, encoding, step], [VIDEO_WIDTH, VIDEO_HEIGHT, 'rgb8', 3 * VIDEO_WIDTH]);
    const picture = PICTURES[header.stamp.sec] ?? new Uint8Array();
    if (tolerance === 0) {
      t.true(Buffer.from(data).equals(picture), `picture ${header.stamp.sec} differs`);
      return header.stamp.sec;
    }
    let worst = 0;
    for (const [at, value] of picture.entries()) worst = Math.max(worst, Math.abs(value - (data[at] ?? 0)));
    t.true(worst <= tolerance, `picture ${header.stamp.sec} differs by ${worst}`);
    return header.stamp.sec;
  });
  return { shown, losses };
}

/** Pixels of the pictures that come of H.264 packets, by number. */
async function framesOf(packets: readonly EncodedPacket[]) {
  const losses: VideoLoss[] = [];
  const decoder = new VideoDecoder({
    av: av as NodeAv,
    topic: '/video',
    onLoss: (loss) => losses.push(loss),
  });
  const shown = [];
  for (const { picture, data } of packets) {
    const header = { stamp: { sec: picture, nanosec: 0 }, frame_id: 'camera' };
    shown.push(...(await decoder.push({ header, coding: 'h264', data })));
  }
  shown.push(...(await decoder.end()));
  decoder.close();
  const frames = new Map(shown.map(({ image: { header, data } }) => [header.stamp.sec, Buffer.from(data)]));
  return { frames, losses };
}

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

withAv('parameters in a packet of their own belong to the next frame', async (t) => {
  const packets = await exactVideo(PICTURES.slice(0, 3), 'h264');
  const [first, ...rest] = packets;
  const data = Buffer.from(first?.data ?? []);
  // Up to the key frame's slice.
  const at = data.indexOf(Buffer.from([0, 0, 1, 0x65]));
  t.true(at > 0);
  const parts = [data.subarray(0, at), data.subarray(at)].map((part) => ({
    picture: 0,
    data: Buffer.concat([Buffer.from([0]), part]),
  }));
  const { shown, losses } = await decoded(
    t,
    [{ picture: 0, data: parts[0]?.data ?? data }, { picture: 0, data: parts[1]?.data ?? data }, ...rest],
    'h264',
  );
  t.deepEqual(shown, [0, 1, 2]);
  t.deepEqual(losses, []);
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

/** Packets as MP4 keeps them: each unit behind its length. */
function behindLengths(packets: readonly EncodedPacket[], bytes: 2 | 4): EncodedPacket[] {
  return packets.map(({ picture, data }) => ({
    picture,
    data: Buffer.concat(
      nalUnits(data).flatMap((unit) => {
        const length = Buffer.alloc(bytes);
        length.writeUIntBE(unit.length, 0, bytes);
        return [length, unit];
      }),
    ),
  }));
}

withAv('packets whose units lie behind lengths, as in MP4, decode as those with start codes', async (t) => {
  for (const codec of CODECS) {
    const packets = await exactVideo(PICTURES, codec);
    for (const bytes of [4, 2] as const) {
      const { shown, losses } = await decoded(t, behindLengths(packets, bytes), codec);
      t.deepEqual(shown, [...PICTURES.keys()]);
      t.deepEqual(losses, []);
    }
  }
});

withAv(
  'parameter sets come from a configuration record too; without any, the message says what to do',
  async (t) => {
    const isSet = {
      h264: (unit: number) => [7, 8].includes(unit & 31),
      h265: (unit: number) => unit >> 1 >= 32,
    };
    for (const codec of CODECS) {
      const packets = await exactVideo(PICTURES, codec, { group: 20 });
      const ofFirst = nalUnits(packets[0]?.data ?? new Uint8Array());
      const sets = ofFirst.filter((unit) => isSet[codec](unit[0] ?? 0) && (unit[0] ?? 0) >> 1 !== 39);
      const bare = behindLengths(
        packets.map(({ picture, data }) => ({
          picture,
          data: annexB(...nalUnits(data).filter((unit) => !isSet[codec](unit[0] ?? 0))),
        })),
        4,
      );
      const one = (unit: Uint8Array) => [unit.length >> 8, unit.length & 255, ...unit];
      const record =
        codec === 'h264'
          ? [1, 0, 0, 0, 0xff, 0xe1, ...one(sets[0] ?? unitless), 1, ...one(sets[1] ?? unitless)]
          : [
              1,
              ...Array<number>(21).fill(0),
              3,
              ...sets.flatMap((unit) => [(unit[0] ?? 0) >> 1, 0, 1, ...one(unit)]),
            ];
      const whole = await decoded(t, [{ picture: 0, data: Uint8Array.from(record) }, ...bare], codec);
      t.deepEqual(whole.shown, [...PICTURES.keys()]);
      t.deepEqual(whole.losses, []);
      const { shown, losses } = await decoded(t, bare, codec);
      t.deepEqual(shown, []);
      t.regex(
        losses[0]?.reason ?? '',
        /parameter sets.*have the encoder send them with each key frame.*mp4toannexb/,
      );
    }
  },
);

const unitless = new Uint8Array();

withAv('a codec that is not decoded is refused with its name and that of the topic', async (t) => {
  for (const coding of ['av1', 'vp9', 'libaom-av1;yuv420p']) {
    await t.throwsAsync(decoded(t, [{ picture: 0, data: new Uint8Array(4) }], coding), {
      name: 'MessageError',
      message: new RegExp(`/video.*codec \`${coding}\`.*expected \`h264\` or \`h265\``),
    });
  }
});
