import { conversionOf } from '../camera/image-transport.js';
import { MessageError } from '../errors.js';
import { imageCodec } from '../image.js';
import { stampToNs } from '../stamp.js';
import { loadNodeAv } from '../video/load-node-av.js';
import type { NodeAv } from '../video/node-av.js';
import type { VideoFrame } from '../video/picture-decoder.js';
import { VideoDecoder, type VideoLoss } from '../video/video-decoder.js';
import { VIDEO_TYPES } from '../video/video-packet.js';
import { BagAround } from './bag-around.js';
import type { BagMessage, BagReader, BagTopic, MessagesOptions } from './bag-reader.js';
import { counted } from './counted.js';
import type { ProblemLog } from './problem-log.js';

/** How far before the time that is asked for a key frame is looked for at first, nanoseconds; then twice as far. */
const FIRST_LOOK_NS = 2_000_000_000n;

/** Whether a topic is video that is decoded here. */
export function isVideo({ type, serialization }: BagTopic): boolean {
  return serialization === 'cdr' && videoTypeOf(type) !== undefined;
}

/** `foxglove_msgs/CompressedVideo` is `foxglove_msgs/msg/CompressedVideo`. */
function videoTypeOf(type: string) {
  const name = type.replace(/^(\w+)\/(\w+)$/, '$1/msg/$2');
  return Object.hasOwn(VIDEO_TYPES, name) ? VIDEO_TYPES[name] : undefined;
}

/**
 * A bag whose topics of video read as sensor_msgs/Image, one message a frame, under the header of its packet. Frames are
 * logged when the decoder gives them: with their packet, or with a later one where frames are coded out of order. What cannot
 * be decoded is told in `problems`. Nothing is decoded, and no decoder is needed, before such a topic is read.
 */
export class VideoBag extends BagAround {
  readonly #topics: readonly BagTopic[];
  readonly #recordedAs: ReadonlyMap<string, string>;

  constructor(bag: BagReader, log: ProblemLog) {
    super(bag, log);
    this.#recordedAs = new Map(bag.topics.filter(isVideo).map(({ topic, type }) => [topic, type]));
    this.#topics = bag.topics.map((topic) => {
      const { type, definition } = imageCodec;
      return isVideo(topic) ? { ...topic, type, definition, recordedAs: topic.type } : topic;
    });
  }

  override get topics(): readonly BagTopic[] {
    return this.#topics;
  }

  async *messages(options: MessagesOptions = {}): AsyncGenerator<BagMessage> {
    const { topics = this.topics.map(({ topic }) => topic), fromNs } = options;
    const videos = topics.filter((topic) => this.#recordedAs.has(topic));
    if (videos.length === 0) {
      yield* this.bag.messages(options);
      return;
    }
    const av = await this.#load(videos[0] as string); // there is one
    const tracks = new Map(videos.map((topic) => [topic, new Track(av, topic, this.path, this.log)]));
    try {
      if (fromNs !== undefined) await this.#rollUp(tracks, { ...options, fromNs });
      let lastNs = fromNs ?? this.startNs ?? 0n;
      for await (const message of this.bag.messages(options)) {
        lastNs = message.logTimeNs;
        const track = tracks.get(message.topic);
        if (track === undefined) yield message;
        else {
          const { logTimeNs, publishTimeNs } = message;
          for (const { cdr } of await track.push(message))
            yield { topic: message.topic, type: imageCodec.type, logTimeNs, publishTimeNs, cdr };
        }
      }
      if (options.signal?.aborted) return;
      for (const [topic, track] of tracks) {
        for (const { cdr } of await track.end())
          yield { topic, type: imageCodec.type, logTimeNs: lastNs, publishTimeNs: lastNs, cdr };
      }
    } finally {
      for (const track of tracks.values()) track.close();
    }
  }

  async #load(topic: string): Promise<NodeAv> {
    try {
      return await loadNodeAv();
    } catch (cause) {
      const type = this.#recordedAs.get(topic) ?? '';
      const transport = videoTypeOf(type)?.transport ?? '';
      throw new MessageError(
        `${this.path}: \`${topic}\` is video (${type}); ${(cause as Error).message}; or convert it: ${conversionOf(topic, transport)}.`,
        { cause, topic, file: this.path },
      );
    }
  }

  /** Decodes what lies between the last key frames before `fromNs` and it: the frames from then on refer to that. */
  async #rollUp(
    tracks: ReadonlyMap<string, Track>,
    { fromNs, signal }: MessagesOptions & { readonly fromNs: bigint },
  ): Promise<void> {
    const { startNs = 0n } = this;
    let missing = [...tracks.keys()];
    for (let lookNs = FIRST_LOOK_NS; missing.length > 0; lookNs *= 2n) {
      const from = fromNs - lookNs;
      for (const topic of missing) tracks.get(topic)?.forget();
      const options = { topics: missing, fromNs: from, ...(signal && { signal }) };
      for await (const message of this.bag.messages(options)) {
        if (message.logTimeNs >= fromNs) break;
        await tracks.get(message.topic)?.push(message);
      }
      missing = missing.filter((topic) => tracks.get(topic)?.decoding === false);
      if (from <= startNs || signal?.aborted) return;
    }
  }
}

/** The video of one topic during one reading. */
class Track {
  readonly #av: NodeAv;
  readonly #topic: string;
  readonly #file: string;
  readonly #log: ProblemLog;
  #decoder: VideoDecoder;
  /** Losses of one event, told when it is over. */
  #losses: VideoLoss[] = [];

  constructor(av: NodeAv, topic: string, file: string, log: ProblemLog) {
    this.#av = av;
    this.#topic = topic;
    this.#file = file;
    this.#log = log;
    this.#decoder = this.#fresh();
  }

  /** Whether a key frame has come. */
  get decoding(): boolean {
    return this.#decoder.decoding;
  }

  async push({ type, cdr, logTimeNs }: BagMessage): Promise<VideoFrame[]> {
    const known = videoTypeOf(type);
    if (known === undefined) {
      this.#damaged(logTimeNs, `a message of type \`${type}\``);
      return [];
    }
    let packet: ReturnType<typeof known.packetOf>;
    try {
      packet = known.packetOf(cdr);
    } catch (error) {
      this.#damaged(logTimeNs, (error as Error).message);
      return [];
    }
    const frames = await this.#decoder.push(packet);
    if (this.#decoder.decoding) this.#tell();
    return frames;
  }

  async end(): Promise<VideoFrame[]> {
    const frames = await this.#decoder.end();
    this.#tell();
    return frames;
  }

  /** Begins again, as before the first packet; what was lost so far is not told. */
  forget(): void {
    this.#decoder.close();
    this.#losses = [];
    this.#decoder = this.#fresh();
  }

  close(): void {
    this.#decoder.close();
  }

  #fresh(): VideoDecoder {
    return new VideoDecoder({
      ...{ av: this.#av, topic: this.#topic },
      onLoss: (loss) => {
        if (this.#losses[0] !== undefined && this.#losses[0].event !== loss.event) this.#tell();
        this.#losses.push(loss);
      },
    });
  }

  #tell(): void {
    const losses = this.#losses.splice(0);
    const [first] = losses;
    if (first === undefined) return;
    const missing = losses.reduce((sum, loss) => sum + loss.missing, 0);
    const frames = losses.filter(({ shown }) => !shown).length;
    const never = missing > 0 ? [`at least ${counted(missing, 'packet')} that never came`] : [];
    this.#log.add({
      file: this.#file,
      what: `video of ${this.#topic} at ${seconds(stampToNs(first.header.stamp))} s: ${first.reason}`,
      lost: [...never, ...(frames > 0 ? [counted(frames, 'frame')] : [])].join(', and '),
    });
  }

  #damaged(logTimeNs: bigint, reason: string): void {
    const what = `video of ${this.#topic} logged at ${seconds(logTimeNs)} s: ${reason}`;
    this.#log.add({ file: this.#file, what, lost: '1 frame' });
  }
}

function seconds(ns: bigint): string {
  return (Number(ns / 1_000_000n) / 1000).toFixed(3);
}
