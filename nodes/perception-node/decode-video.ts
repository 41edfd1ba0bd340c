import { Observable, type OperatorFunction } from 'rxjs';
import { imageCodec } from '../../msgs/image.js';
import { stampToNs } from '../../msgs/stamp.js';
import { loadNodeAv } from '../../msgs/video/load-node-av.js';
import type { NodeAv } from '../../msgs/video/node-av.js';
import { VideoDecoder } from '../../msgs/video/video-decoder.js';
import type { VideoPacket } from '../../msgs/video/video-packet.js';
import type { CameraImage } from '../perception/frame.js';
import type { InputMessage } from '../transport/transport.js';

/** Packets that wait to be decoded, at most: 2 s of a camera. More means that the machine is too slow for them. */
const MOST_WAITING = 60;
const TOO_SLOW = 'frames come faster than they are decoded: they are left out until the next key frame';

export interface DecodeVideoOptions<T> {
  readonly packetOf: (message: T) => VideoPacket;
  /** Told why a packet gives no picture. */
  readonly onLoss: (image: Pick<InputMessage, 'topic' | 'stampNs' | 'logTimeNs'>, reason: string) => void;
  readonly load?: () => Promise<NodeAv>;
}

/**
 * The pictures of a camera's video, each under the header of its packet. All packets are decoded, as each picture refers to those
 * before it; what is not wanted is dropped afterwards. Errors when video cannot be decoded here.
 */
export function decodeVideo<T>({
  packetOf,
  onLoss,
  load = loadNodeAv,
}: DecodeVideoOptions<T>): OperatorFunction<InputMessage<T>, CameraImage> {
  return (packet$) =>
    new Observable((subscriber) => {
      /** `skipped`: those before it were left out. */
      const waiting: { readonly message: InputMessage<T>; readonly skipped: boolean }[] = [];
      let [ended, working] = [false, false];
      let decoder: VideoDecoder | undefined;
      let current: InputMessage<T> | undefined;
      const lost = (message: InputMessage<T>, stampNs: bigint, reason: string) =>
        onLoss({ topic: message.topic, stampNs, logTimeNs: message.logTimeNs }, reason);

      const decode = async () => {
        for (let next = waiting.shift(); next !== undefined && !subscriber.closed; next = waiting.shift()) {
          const { message, skipped } = next;
          current = message;
          const { topic, logTimeNs } = message;
          decoder ??= new VideoDecoder({
            ...{ av: await load(), topic },
            onLoss: ({ header, reason, shown }) => {
              if (!shown && current !== undefined) lost(current, stampToNs(header.stamp), reason);
            },
          });
          const held = skipped ? await decoder.interrupt(TOO_SLOW) : [];
          for (const { image } of [...held, ...(await decoder.push(packetOf(message.message)))]) {
            const stampNs = stampToNs(image.header.stamp);
            subscriber.next({ topic, type: imageCodec.type, stampNs, logTimeNs, message: image });
          }
        }
      };
      const work = async () => {
        working = true;
        try {
          await decode();
        } catch (error) {
          subscriber.error(error);
        }
        working = false;
        // While it was at work nobody else could close it.
        if (subscriber.closed) decoder?.close();
        else if (ended) subscriber.complete();
      };

      subscriber.add(
        packet$.subscribe({
          next: (message) => {
            const skipped = waiting.length >= MOST_WAITING ? waiting.splice(0) : [];
            for (const { message: left } of skipped)
              lost(left, stampToNs(packetOf(left.message).header.stamp), TOO_SLOW);
            waiting.push({ message, skipped: skipped.length > 0 });
            if (!working) void work();
          },
          error: (error) => subscriber.error(error),
          complete: () => {
            ended = true;
            if (!working) subscriber.complete();
          },
        }),
      );
      subscriber.add(() => {
        if (!working) decoder?.close();
      });
    });
}
