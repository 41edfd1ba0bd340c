import test from 'ava';
import { lastValueFrom, Subject, toArray } from 'rxjs';
import type { Image } from '../../../msgs/image.js';
import type { NodeAv } from '../../../msgs/video/node-av.js';
import { ofCompressedVideo } from '../../../msgs/video/video-packet.js';
import { decodeVideo } from '../../../nodes/perception-node/decode-video.js';
import {
  exactVideo,
  VIDEO_HEIGHT,
  VIDEO_WIDTH,
  videoPictures,
  videoTools,
  whereVideo,
} from '../../msgs/video/encode-video.js';
import { packetMessage } from '../../msgs/video/packet-message.js';
import { eventually } from '../fake-ros.js';
import { delivered, SECOND, testInfo } from '../test-messages.js';
import { runningNode } from './running-node.js';

const av = await videoTools();
const withAv = whereVideo(test.serial, av);
const FFMPEG = 'ffmpeg_image_transport_msgs/msg/FFMPEGPacket';
const INFO = 'sensor_msgs/msg/CameraInfo';

const headerOf = (second: number) => ({ stamp: { sec: second, nanosec: 0 }, frame_id: 'camera' });
const videoOf = (second: number, data: Uint8Array) =>
  packetMessage('image/foxglove', BigInt(second) * SECOND, { data });

for (const video of ['foxglove', 'ffmpeg'] as const) {
  withAv(
    `video of ${video} is decoded from its first key frame on, each picture under its own header`,
    async (t) => {
      const packets = await exactVideo(videoPictures(8), 'h264', { group: 4 });
      const { ros } = await runningNode(t, { video, motion: false, max_age: 0 });
      const topic = `image/${video}`;
      await eventually(() => ros.subscribed.get(topic) === 1);
      // It begins within a group of pictures.
      for (const [index, { data }] of packets.slice(2).entries()) {
        const second = index + 3;
        const stampNs = BigInt(second) * SECOND;
        ros.receive(
          delivered(testInfo({ stampNs, width: VIDEO_WIDTH, height: VIDEO_HEIGHT }), 'camera_info', INFO),
        );
        const packet = {
          ...{ header: headerOf(second), width: VIDEO_WIDTH, height: VIDEO_HEIGHT, encoding: 'libx264' },
          ...{ pts: BigInt(second), flags: 0, is_bigendian: false, data },
        };
        ros.receive(video === 'foxglove' ? videoOf(second, data) : delivered(packet, topic, FFMPEG));
        await eventually(() => ros.on('depth/image').length === Math.max(0, index - 1));
      }
      t.deepEqual(
        ros.on<Image>('depth/image').map(({ header, width, height }) => [header.stamp.sec, width, height]),
        [5, 6, 7, 8].map((second) => [second, VIDEO_WIDTH, VIDEO_HEIGHT]),
      );
      t.true(ros.said.some((text) => /\(video\): it came before the first key frame/.test(text)));
    },
  );
}

test('images that are compressed and video at once are refused', async (t) => {
  const { node } = await runningNode(t, { compressed: true, video: 'ffmpeg' }, { activate: false });
  t.like(node.configure(), {
    ok: false,
    reason: '`compressed` and `video` exclude each other: set one of them',
  });
});

withAv('what comes faster than it is decoded is left out until the next key frame, and told', async (t) => {
  const packets = await exactVideo(videoPictures(70), 'h264', { group: 65 });
  let loaded: ((av: NodeAv) => void) | undefined;
  const load = () => new Promise<NodeAv>((resolve) => (loaded = resolve));
  const lost: string[] = [];
  const packet$ = new Subject<ReturnType<typeof videoOf>>();
  const image$ = packet$.pipe(
    decodeVideo({ packetOf: ofCompressedVideo, load, onLoss: (_, reason) => lost.push(reason) }),
  );
  const images = lastValueFrom(image$.pipe(toArray()));
  // The decoder is not there yet.
  for (const [index, { data }] of packets.entries()) packet$.next(videoOf(index, data));
  packet$.complete();
  loaded?.(av as NodeAv);
  t.deepEqual(
    (await images).map(({ stampNs }) => stampNs / SECOND),
    [0n, 65n, 66n, 67n, 68n, 69n],
  );
  t.is(lost.length, 64);
  t.true(lost.every((reason) => /faster than they are decoded/.test(reason)));
});

test('where video cannot be decoded the stream says why', async (t) => {
  const packet$ = new Subject<ReturnType<typeof videoOf>>();
  const load = () => Promise.reject(new Error('no decoder'));
  const image$ = packet$.pipe(decodeVideo({ packetOf: ofCompressedVideo, load, onLoss: () => t.fail() }));
  const images = lastValueFrom(image$);
  packet$.next(videoOf(0, new Uint8Array(4)));
  await t.throwsAsync(images, { message: 'no decoder' });
});
