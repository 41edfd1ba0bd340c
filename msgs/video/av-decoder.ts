import { MessageError } from '../errors.js';
import type { Header } from '../header.js';
import { layoutImage, writeImageAround } from '../image-layout.js';
import type { AvCodecContext, AvFilter, AvFilterGraph, AvFrame, NodeAv } from './node-av.js';
import type { DecodedPicture, PictureDecoder, VideoFrame } from './picture-decoder.js';
import type { VideoCodec } from './video-codec.js';

/** AV_CODEC_ID_*, AV_FRAME_FLAG_CORRUPT. */
const CODEC_IDS: Readonly<Record<VideoCodec, number>> = { h264: 27, h265: 173 };
const CORRUPT = 1;
/** Damage that the decoder meets is an error, not a picture with a patch. */
const OPTIONS = { err_detect: 'explode+crccheck' };

/**
 * One decoder of libavcodec, and the filter that makes RGB as the `ffmpeg` program makes it. Its work is done by threads of
 * libuv.
 */
export class AvDecoder implements PictureDecoder {
  readonly #av: NodeAv;
  readonly #context: AvCodecContext;
  readonly #frame: AvFrame;
  #filter:
    | {
        readonly kind: string;
        readonly graph: AvFilterGraph;
        readonly into: AvFilter;
        readonly from: AvFilter;
      }
    | undefined;

  private constructor(av: NodeAv, context: AvCodecContext) {
    this.#av = av;
    this.#context = context;
    this.#frame = new av.Frame();
    this.#frame.alloc();
  }

  static async open(av: NodeAv, codec: VideoCodec): Promise<AvDecoder> {
    const found = av.Codec.findDecoder(CODEC_IDS[codec]);
    if (found === null) throw new MessageError(`this build of node-av has no decoder of ${codec}`);
    const context = new av.CodecContext();
    context.allocContext3(found);
    // Several threads would hold frames back.
    context.threadCount = 1;
    const code = await context.open2(found, av.Dictionary.fromObject(OPTIONS));
    if (code < 0)
      throw new MessageError(`the decoder of ${codec} does not open: ${av.FFmpegError.strerror(code)}`);
    return new AvDecoder(av, context);
  }

  async send(data: Uint8Array, id: number): Promise<string | undefined> {
    const packet = new this.#av.Packet();
    packet.alloc();
    packet.data = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
    packet.pts = BigInt(id);
    packet.dts = BigInt(id);
    const code = await this.#context.sendPacket(packet);
    packet.free();
    return code < 0 ? this.#av.FFmpegError.strerror(code) : undefined;
  }

  async finish(): Promise<void> {
    await this.#context.sendPacket(null);
  }

  async receive(): Promise<DecodedPicture | undefined> {
    const frame = this.#frame;
    if ((await this.#context.receiveFrame(frame)) < 0) return undefined;
    const isIncomplete = (frame.flags & CORRUPT) !== 0 || frame.decodeErrorFlags !== 0;
    return {
      id: Number(frame.pts),
      fault: isIncomplete ? 'incomplete' : undefined,
      planes: () => frame.toBuffer(),
      toImage: (header) => this.#toImage(frame, header),
    };
  }

  flush(): void {
    this.#context.flushBuffers();
  }

  close(): void {
    this.#context.freeContext();
    this.#frame.free();
    this.#filter?.graph.free();
    this.#filter = undefined;
  }

  async #toImage(frame: AvFrame, header: Header): Promise<VideoFrame> {
    const { into, from } = await this.#filterFor(frame);
    const { width, height } = frame;
    const step = 3 * width;
    const encoding = 'rgb8';
    const { byteLength, dataOffset } = layoutImage(
      { frame_id: header.frame_id, encoding },
      height,
      width,
      step,
    );
    const cdr = new Uint8Array(byteLength);
    const fields = { header, height, width, encoding, is_bigendian: 0, step };
    writeImageAround(cdr, fields);
    const rgb = new this.#av.Frame();
    rgb.alloc();
    try {
      this.#check(await into.buffersrcAddFrame(frame));
      this.#check(await from.buffersinkGetFrame(rgb));
      const [rows] = rgb.data ?? [];
      const [stride = 0] = rgb.linesize;
      if (rows === undefined) throw new MessageError('the decoder gave a frame without pixels');
      if (stride === step) cdr.set(rows.subarray(0, step * height), dataOffset);
      else {
        for (let row = 0; row < height; row++)
          cdr.set(rows.subarray(row * stride, row * stride + step), dataOffset + row * step);
      }
    } finally {
      rgb.free();
    }
    return { cdr, image: { ...fields, data: cdr.subarray(dataOffset) } };
  }

  /** As `ffmpeg -pix_fmt rgb24` has it: the frame's own colour matrix and range, bicubic chroma. */
  async #filterFor({ width, height, format, colorSpace, colorRange }: AvFrame) {
    const kind = `video_size=${width}x${height}:pix_fmt=${format}:colorspace=${colorSpace}:range=${colorRange}`;
    if (this.#filter?.kind === kind) return this.#filter;
    this.#filter?.graph.free();
    this.#filter = undefined;
    const graph = new this.#av.FilterGraph();
    graph.alloc();
    graph.nbThreads = 1;
    const create = (name: string, options: string | null) => {
      const filter = this.#av.Filter.getByName(name);
      const created = filter === null ? null : graph.createFilter(filter, name, options);
      if (created === null)
        throw new MessageError(`this build of node-av has no filter \`${name}\` for ${kind}`);
      return created;
    };
    const into = create('buffer', `${kind}:time_base=1/1`);
    const format24 = create('format', 'pix_fmts=rgb24');
    const from = create('buffersink', null);
    this.#check(into.link(0, format24, 0));
    this.#check(format24.link(0, from, 0));
    this.#check(await graph.config());
    this.#filter = { kind, graph, into, from };
    return this.#filter;
  }

  #check(code: number): void {
    if (code < 0)
      throw new MessageError(`a frame does not convert to RGB: ${this.#av.FFmpegError.strerror(code)}`);
  }
}
