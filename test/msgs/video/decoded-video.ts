import type { ExecutionContext } from 'ava';
import type { NodeAv } from '../../../msgs/video/node-av.js';
import { VideoDecoder, type VideoLoss } from '../../../msgs/video/video-decoder.js';
import { type EncodedPacket, VIDEO_HEIGHT, VIDEO_WIDTH, videoPictures, videoTools } from './encode-video.js';

/** Undefined where node-av is not installed; then nothing is decoded. */
export const av = await videoTools();

export const PICTURES = videoPictures(14);
export const CODECS = ['h264', 'h265'] as const;
export const ORDERS = ['plain', 'reordered'] as const;

/** Decodes packets, each stamped with the number of its picture in seconds; every frame has to be that picture. */
export async function decoded(
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
export async function framesOf(packets: readonly EncodedPacket[]) {
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
