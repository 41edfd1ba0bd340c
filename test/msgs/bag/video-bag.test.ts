import { join } from 'node:path';
import test from 'ava';
import type { BagReader, MessagesOptions } from '../../../msgs/bag/bag-reader.js';
import { findCamera } from '../../../msgs/bag/find-camera.js';
import { openBag } from '../../../msgs/bag/open-bag.js';
import { VideoBag } from '../../../msgs/bag/video-bag.js';
import { imageCodec } from '../../../msgs/image.js';
import { loadNodeAv } from '../../../msgs/video/load-node-av.js';
import { runReplay } from '../../../nodes/cli/run-replay.js';
import { CAMERA_INFO, IMAGE, logTime, type RecordedMessage, writeTestBag } from '../../nodes/test-bag.js';
import { testImage, testInfo } from '../../nodes/test-messages.js';
import { writeTestModel } from '../../nodes/test-model.js';
import {
  type EncodedPacket,
  exactVideo,
  VIDEO_HEIGHT,
  VIDEO_WIDTH,
  videoPictures,
  videoTools,
  whereVideo,
} from '../video/encode-video.js';
import { scratchFolder } from './scratch-folder.js';

const av = await videoTools();
const withAv = whereVideo(test, av);
const FOXGLOVE = 'foxglove_msgs/msg/CompressedVideo';
const FFMPEG = 'ffmpeg_image_transport_msgs/msg/FFMPEGPacket';

const PICTURES = videoPictures(14);
/** Stamp of a picture: its number in seconds. */
const headerOf = (picture: number) => ({ stamp: { sec: picture, nanosec: 0 }, frame_id: 'camera' });

/** Packets as messages, logged one after the other. */
function recorded(
  topic: string,
  packets: readonly EncodedPacket[],
  coding: string,
  type = FOXGLOVE,
): RecordedMessage[] {
  return packets.map(({ picture, data }, index) => {
    const header = headerOf(picture);
    const message =
      type === FOXGLOVE
        ? { timestamp: header.stamp, frame_id: header.frame_id, data, format: coding }
        : {
            header,
            width: VIDEO_WIDTH,
            height: VIDEO_HEIGHT,
            encoding: coding,
            pts: BigInt(picture),
            flags: 0,
            is_bigendian: false,
            data,
          };
    return { topic, type, logTimeNs: logTime(index), message };
  });
}

const infos = (count: number): RecordedMessage[] =>
  Array.from({ length: count }, (_, index) => ({
    topic: '/cam/camera_info',
    type: CAMERA_INFO,
    logTimeNs: logTime(index),
    message: { ...testInfo({ width: VIDEO_WIDTH, height: VIDEO_HEIGHT }), header: headerOf(index) },
  }));

const sorted = (messages: readonly RecordedMessage[]) =>
  [...messages].sort((a, b) => Number(a.logTimeNs - b.logTimeNs));

/** Numbers of the pictures that a topic shows, -1 for what is none of them. */
async function shown(bag: BagReader, topic: string, options: MessagesOptions = {}): Promise<number[]> {
  const numbers: number[] = [];
  for await (const { cdr, type } of bag.messages({ topics: [topic], ...options })) {
    const { header, data } = imageCodec.decode(cdr);
    const exact = Buffer.from(PICTURES[header.stamp.sec] ?? []).equals(data);
    numbers.push(type === imageCodec.type && exact ? header.stamp.sec : -1);
  }
  return numbers;
}

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => from + index);

withAv(
  'topics of video read as images, several at a time, each frame exact and under its own header',
  async (t) => {
    const folder = await scratchFolder(t);
    const left = recorded('/left/image/foxglove', await exactVideo(PICTURES, 'h264'), 'h264');
    const right = recorded(
      '/right/image/ffmpeg',
      await exactVideo(PICTURES, 'h265', { order: 'reordered' }),
      'hevc;yuv420p;rgb8',
      FFMPEG,
    );
    const bag = await openBag(
      await writeTestBag(join(folder, 'drive'), sorted([...left, ...right, ...infos(14)])),
    );
    t.teardown(() => bag.close());
    const topics = bag.topics.map(({ topic, type, recordedAs }) => [topic, type, recordedAs]);
    t.deepEqual(topics.sort(), [
      ['/cam/camera_info', CAMERA_INFO, undefined],
      ['/left/image/foxglove', IMAGE, FOXGLOVE],
      ['/right/image/ffmpeg', IMAGE, FFMPEG],
    ]);
    t.deepEqual(await shown(bag, '/left/image/foxglove'), range(0, 14));
    t.deepEqual(await shown(bag, '/right/image/ffmpeg'), range(0, 14));
    let lastNs = 0n;
    const counts = new Map<string, number>();
    for await (const { topic, logTimeNs } of bag.messages()) {
      t.true(logTimeNs >= lastNs);
      lastNs = logTimeNs;
      counts.set(topic, (counts.get(topic) ?? 0) + 1);
    }
    t.deepEqual([...counts.values()], [14, 14, 14]);
    t.deepEqual(bag.problems, []);
  },
);

withAv(
  'what is lost is told once, with its place and its count, however often the bag is read',
  async (t) => {
    const folder = await scratchFolder(t);
    const packets = await exactVideo(PICTURES, 'h264');
    // From within a group of pictures on, and without two packets of the next group.
    const kept = packets.filter((_, index) => index >= 2 && index !== 8 && index !== 9);
    const messages = recorded('/cam/image/foxglove', kept, 'h264');
    const bag = await openBag(await writeTestBag(join(folder, 'drive'), messages));
    t.teardown(() => bag.close());
    for (let pass = 0; pass < 2; pass++) t.deepEqual(await shown(bag, '/cam/image/foxglove'), [6, 7, 12, 13]);
    t.deepEqual(
      bag.problems.map(({ what, lost }) => [what, lost]),
      [
        ['video of /cam/image/foxglove at 2.000 s: it came before the first key frame', '4 frames'],
        [
          'video of /cam/image/foxglove at 10.000 s: packets before it are missing: frames are left out until the next key frame',
          'at least 2 packets that never came, and 2 frames',
        ],
      ],
    );
  },
);

withAv(
  'reading from a time on decodes from the key frame before it, and shows nothing earlier',
  async (t) => {
    const folder = await scratchFolder(t);
    const messages = recorded(
      '/cam/image/foxglove',
      await exactVideo(PICTURES, 'h264', { group: 5 }),
      'h264',
    );
    // Of another camera only the first frame can stand alone: it lies 30 s back.
    const rare = recorded(
      '/other/image/foxglove',
      await exactVideo(PICTURES, 'h264', { group: 100 }),
      'h264',
    ).map((message, index) => ({ ...message, logTimeNs: index === 0 ? logTime(-300) : message.logTimeNs }));
    const bag = await openBag(await writeTestBag(join(folder, 'drive'), sorted([...messages, ...rare])));
    t.teardown(() => bag.close());
    t.deepEqual(await shown(bag, '/cam/image/foxglove', { fromNs: logTime(8) }), range(8, 14));
    t.deepEqual(await shown(bag, '/other/image/foxglove', { fromNs: logTime(8) }), range(8, 14));
  },
);

withAv(
  'a video is found as the camera; raw images and pictures of the same camera go before it',
  async (t) => {
    const folder = await scratchFolder(t);
    const video = recorded('/cam/image_raw/ffmpeg', await exactVideo(PICTURES, 'h264'), 'libx264', FFMPEG);
    const alone = await openBag(await writeTestBag(join(folder, 'alone'), sorted([...video, ...infos(14)])));
    const camera = await findCamera(alone);
    t.like(camera, {
      topic: '/cam/image_raw/ffmpeg',
      type: IMAGE,
      infoTopic: '/cam/camera_info',
      messageCount: 14,
    });
    await alone.close();
    const raw = range(0, 14).map((index) => ({
      topic: '/cam/image_raw',
      type: IMAGE,
      logTimeNs: logTime(index),
      message: testImage(),
    }));
    const both = await openBag(
      await writeTestBag(join(folder, 'both'), sorted([...raw, ...video, ...infos(14)])),
    );
    t.is((await findCamera(both)).topic, '/cam/image_raw');
    await both.close();
  },
);

withAv(
  'a codec that is not decoded is refused with the topic, named or not; another camera is found all the same',
  async (t) => {
    const folder = await scratchFolder(t);
    const video = recorded('/cam/image/foxglove', [{ picture: 0, data: new Uint8Array(8) }], 'av1');
    const bag = await openBag(await writeTestBag(join(folder, 'drive'), sorted([...video, ...infos(1)])));
    const message = /\/cam\/image\/foxglove.*codec `av1`, expected `h264` or `h265`/;
    await t.throwsAsync(findCamera(bag), { name: 'MessageError', message });
    await t.throwsAsync(findCamera(bag, { image: '/cam/image/foxglove' }), { message });
    await bag.close();
    const raw = { topic: '/front/image_raw', type: IMAGE, logTimeNs: logTime(0), message: testImage() };
    const other = await openBag(
      await writeTestBag(join(folder, 'other'), sorted([...video, raw, ...infos(1)])),
    );
    t.is((await findCamera(other, { cameraInfo: '/cam/camera_info' })).topic, '/front/image_raw');
    await other.close();
  },
);

withAv('a video without a key frame is refused with the reason', async (t) => {
  const folder = await scratchFolder(t);
  const packets = (await exactVideo(PICTURES, 'h265')).slice(1, 5);
  const messages = [...recorded('/cam/image/foxglove', packets, 'h265'), ...infos(4)];
  const bag = await openBag(await writeTestBag(join(folder, 'drive'), sorted(messages)));
  await t.throwsAsync(findCamera(bag), {
    message: /no frame of the video `\/cam\/image\/foxglove` can be decoded: .*before the first key frame/,
  });
  await bag.close();
});

withAv('replay takes a video as it takes images, and sums up what was lost', async (t) => {
  t.timeout(240_000);
  const folder = await scratchFolder(t);
  const packets = (await exactVideo(PICTURES, 'h264')).filter((_, index) => index !== 8);
  const messages = [...recorded('/cam/image/foxglove', packets, 'h264'), ...infos(14)];
  const summary = await runReplay(
    {
      bag: await writeTestBag(join(folder, 'drive'), sorted(messages)),
      output: join(folder, 'out'),
      model: await writeTestModel(join(folder, 'model')),
      ...{ device: 'cpu', threads: 1, pointsStride: 4, depthEncoding: '32FC1', pictureEvery: 10, scale: 1 },
      ...{ images: false, overwrite: false, verbose: false, motion: false },
    },
    { progress: { write: () => {} }, signal: new AbortController().signal },
  );
  t.like(summary, { imageTopic: '/cam/image/foxglove', framesIn: 10, framesOut: 10, framesFailed: 0 });
  t.deepEqual(
    summary.problems.map(({ lost }) => lost),
    ['at least 1 packet that never came, and 3 frames'],
  );
});

test('a bag with video opens without node-av, its packets can be read as they are, and other topics too', async (t) => {
  const folder = await scratchFolder(t);
  const data = Uint8Array.of(0, 0, 1, 9);
  const video = recorded('/cam/image/foxglove', [{ picture: 0, data }], 'h264');
  const place = await writeTestBag(join(folder, 'drive'), sorted([...video, ...infos(1)]));
  const packets = await openBag(place, { video: 'packets' });
  t.false(packets instanceof VideoBag);
  t.is(packets.topics.find(({ topic }) => topic === '/cam/image/foxglove')?.type, FOXGLOVE);
  await packets.close();
  const bag = await openBag(place);
  t.true(bag instanceof VideoBag);
  let count = 0;
  for await (const _ of bag.messages({ topics: ['/cam/camera_info'] })) count += 1;
  t.is(count, 1);
  await bag.close();
});

test('without node-av the message says what to install', async (t) => {
  const missing = Object.assign(new Error('Cannot find module'), { code: 'MODULE_NOT_FOUND' });
  await t.throwsAsync(
    loadNodeAv(() => Promise.reject(missing)),
    {
      name: 'MessageError',
      message: /not installed: run `npm install .*node-av@6` in the rxdepth folder/,
    },
  );
  await t.throwsAsync(
    loadNodeAv(() => Promise.reject(new Error('invalid ELF header\nmore'))),
    {
      message: /cannot be loaded here: invalid ELF header; run/,
    },
  );
});
