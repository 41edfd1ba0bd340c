import { MessageError } from '../errors.js';
import type { Header } from '../header.js';
import { quoteUntrusted } from '../quote-untrusted.js';
import { stampToNs } from '../stamp.js';
import { toAnnexB } from './annex-b.js';
import { H264Stream } from './h264-stream.js';
import { H265Stream } from './h265-stream.js';
import { nalUnits } from './nal-units.js';
import type { NodeAv } from './node-av.js';
import { openDecoder } from './open-decoder.js';
import type { PictureDecoder, VideoFrame } from './picture-decoder.js';
import { type VideoCodec, videoCodecOf } from './video-codec.js';
import type { VideoPacket } from './video-packet.js';
import type { VideoStream } from './video-stream.js';
import { withoutCutSei } from './without-cut-sei.js';

/** A packet of which no picture comes, or before which packets are missing. */
export interface VideoLoss {
  /** The same text for all of its kind. */
  readonly reason: string;
  readonly header: Header;
  /** Packets before it that never came, at least. */
  readonly missing: number;
  /** Whether the packet itself gives a picture all the same. */
  readonly shown: boolean;
  /** Losses of one event share it: they end with the next key frame. */
  readonly event: number;
}

export const BEFORE_KEY = 'it came before the first key frame';
const AFTER_GAP = 'packets before it are missing: frames are left out until the next key frame';
const AFTER_DAMAGE = 'a frame before it could not be decoded: frames are left out until the next key frame';
const AFTER_CUT = 'a packet was cut short: frames are left out until the next key frame';
const REFRESH = 'the picture is not whole yet: it is refreshed piece by piece (intra refresh)';
const LEADING = 'it refers to frames before the key frame at which decoding began (open group of pictures)';
const NO_UNITS =
  'it holds NAL units neither behind start codes (annex B) nor behind their lengths (avcC, hvcC)';
const EMPTY = 'it holds no bytes';
const TWICE = 'it came twice';
const WITHOUT_PICTURE = 'no picture came of it: the frames that it refers to are missing';
/** Packets without a picture after which the oldest counts as lost: no codec holds more frames back. */
const MOST_PENDING = 64;

export interface VideoDecoderOptions {
  readonly av: NodeAv;
  /** For errors. */
  readonly topic: string;
  readonly onLoss: (loss: VideoLoss) => void;
}

/**
 * The frames of one camera's video, in the order of showing, each under the header of its packet. A frame whose pixels
 * would be wrong is left out and told: before the first key frame, after missing or damaged packets.
 */
export class VideoDecoder {
  readonly #options: VideoDecoderOptions;
  #codec: VideoCodec | undefined;
  #stream: VideoStream = new H264Stream();
  #decoder: PictureDecoder | undefined;
  /** Why no frame can be decoded before the next key frame. */
  #waiting: string | undefined = BEFORE_KEY;
  #event = 0;
  /** Headers of packets whose picture has not come yet. */
  readonly #pending = new Map<number, Header>();
  #packets = 0;
  /** Packets before this one give pictures that are not whole yet: intra refresh. */
  #wholeFrom = 0;
  /** Whether the last key frame is the one at which decoding began. */
  #justBegan = false;
  /** Whether the packets keep their units behind lengths, as in MP4. */
  #hadLengths = false;
  /** Whether the decoder has to be told the parameters again. */
  #isFresh = false;
  /** Parameters that came in a packet of their own. */
  #parameters: Uint8Array = new Uint8Array();

  constructor(options: VideoDecoderOptions) {
    this.#options = options;
  }

  /** Whether a key frame has come, nothing since that calls for another, and its picture is whole. */
  get decoding(): boolean {
    return this.#waiting === undefined && this.#wholeFrom <= this.#packets;
  }

  /**
   * One call after the other.
   * @returns the frames that are known now
   * @throws MessageError for a codec that is not decoded
   */
  async push(packet: VideoPacket): Promise<VideoFrame[]> {
    const { header, coding } = packet;
    const codec = videoCodecOf(coding);
    if (codec === undefined)
      throw new MessageError(
        `\`${this.#options.topic}\` is video of the codec \`${quoteUntrusted(coding, 60)}\`, expected \`h264\` or \`h265\`; ` +
          'record it as one of these',
        { topic: this.#options.topic },
      );
    const frames = codec === this.#codec ? [] : await this.#begin(codec);
    // As if it had not come: whether others refer to it is found as for those that are missing.
    if (packet.data.length === 0) {
      this.#lose(header, EMPTY);
      return frames;
    }
    const units = toAnnexB(packet.data, codec, this.#hadLengths);
    this.#hadLengths = units?.hadLengths ?? this.#hadLengths;
    const data = this.#whole(units?.data ?? new Uint8Array());
    const look =
      units === undefined
        ? { kind: 'damaged' as const, what: NO_UNITS }
        : this.#stream.look(data, stampToNs(header.stamp));
    switch (look.kind) {
      case 'parameters':
        this.#parameters = Uint8Array.from(data);
        return frames;
      case 'repeated':
        this.#lose(header, TWICE);
        return frames;
      case 'damaged':
        frames.push(...(await this.interrupt(AFTER_DAMAGE)));
        this.#lose(header, look.what);
        return frames;
    }
    if (look.missing > 0) frames.push(...(await this.interrupt(AFTER_GAP)));
    if (this.#waiting !== undefined) {
      if (!look.key) {
        this.#lose(header, this.#waiting, look.missing);
        return frames;
      }
      if (look.missing > 0) this.#lose(header, this.#waiting, look.missing, true);
      this.#decoder?.flush();
      this.#justBegan = true;
      this.#waiting = undefined;
      this.#event += 1;
      // The first refresh still takes from what was there before it, as x264 makes it: two have to be over.
      this.#wholeFrom = look.refresh === 0 ? this.#packets : Number.POSITIVE_INFINITY;
    } else if (look.leading && this.#justBegan) {
      this.#lose(header, LEADING);
      return frames;
    } else if (look.key) this.#justBegan = false;
    if (!this.#justBegan && look.key && this.#wholeFrom === Number.POSITIVE_INFINITY) {
      this.#wholeFrom = this.#packets + look.refresh;
    }
    const isFresh = this.#isFresh;
    this.#isFresh = false;
    return [...frames, ...(await this.#decode(isFresh ? this.#withSets(data) : data, header))];
  }

  /** A key frame that brings its parameters stays as it is: those before it may be damaged. */
  #withSets(data: Uint8Array): Uint8Array {
    const { sets } = this.#stream;
    return nalUnits(data).some((unit) => sets.has(unit)) ? data : Buffer.concat([sets.bytes(), data]);
  }

  /** The frames that were held back; what follows has to begin with a key frame. */
  async end(): Promise<VideoFrame[]> {
    return await this.interrupt(BEFORE_KEY);
  }

  close(): void {
    this.#decoder?.close();
    this.#decoder = undefined;
  }

  async #begin(codec: VideoCodec): Promise<VideoFrame[]> {
    const frames = await this.interrupt(BEFORE_KEY);
    this.close();
    this.#codec = codec;
    this.#hadLengths = false;
    this.#stream = codec === 'h264' ? new H264Stream() : new H265Stream();
    this.#decoder = await openDecoder(this.#options.av, codec);
    return frames;
  }

  #whole(data: Uint8Array): Uint8Array {
    const before = this.#parameters;
    if (before.length === 0) return data;
    this.#parameters = new Uint8Array();
    return Buffer.concat([before, data]);
  }

  async #decode(data: Uint8Array, header: Header): Promise<VideoFrame[]> {
    const id = this.#packets++;
    this.#pending.set(id, header);
    const refusal = await this.#decoder?.send(withoutCutSei(data, this.#codec ?? 'h264'), id);
    if (refusal !== undefined) {
      this.#pending.delete(id);
      const frames = await this.interrupt(AFTER_DAMAGE);
      this.#lose(header, `it cannot be decoded: ${refusal}`);
      // What damage leaves in a decoder outlasts a flush: later pictures would be wrong.
      this.#decoder?.close();
      this.#decoder = await openDecoder(this.#options.av, this.#codec ?? 'h264');
      this.#isFresh = true;
      return frames;
    }
    const frames = await this.#ready();
    for (const [oldest, its] of this.#pending) {
      if (this.#pending.size <= MOST_PENDING) break;
      this.#pending.delete(oldest);
      this.#lose(its, WITHOUT_PICTURE);
    }
    return frames;
  }

  /** The pictures that the decoder has ready, up to the first that is wrong. */
  async #ready(): Promise<VideoFrame[]> {
    const frames: VideoFrame[] = [];
    for (
      let picture = await this.#decoder?.receive();
      picture !== undefined;
      picture = await this.#decoder?.receive()
    ) {
      const header = this.#pending.get(picture.id);
      // A picture of a packet that held two was told with the first.
      if (header === undefined) continue;
      if (picture.fault !== undefined) {
        this.#decoder?.flush();
        this.#waiting = picture.fault === 'cut' ? AFTER_CUT : AFTER_GAP;
        for (const its of this.#pending.values()) this.#lose(its, this.#waiting);
        this.#pending.clear();
        return frames;
      }
      this.#pending.delete(picture.id);
      if (picture.id < this.#wholeFrom) this.#lose(header, REFRESH);
      else frames.push(await picture.toImage(header));
    }
    return frames;
  }

  /** Packets are left out: frames that are held back still come, then nothing before the next key frame. */
  async interrupt(reason: string): Promise<VideoFrame[]> {
    if (this.#waiting !== undefined) return [];
    await this.#decoder?.finish();
    const frames = await this.#ready();
    for (const header of this.#pending.values()) this.#lose(header, WITHOUT_PICTURE);
    this.#pending.clear();
    this.#decoder?.flush();
    this.#waiting = reason;
    return frames;
  }

  #lose(header: Header, reason: string, missing = 0, shown = false): void {
    this.#options.onLoss({ reason, header, missing, shown, event: this.#event });
  }
}
