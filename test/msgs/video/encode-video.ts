import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { loadNodeAv } from '../../../msgs/video/load-node-av.js';
import type { NodeAv } from '../../../msgs/video/node-av.js';

/** What encoding needs of node-av beyond what decoding uses. */
interface EncodingAv extends NodeAv {
  readonly Codec: NodeAv['Codec'] & { findEncoderByName(name: string): object | null };
  readonly CodecContext: new () => InstanceType<NodeAv['CodecContext']> & {
    width: number;
    height: number;
    pixelFormat: number;
    gopSize: number;
    timeBase: { readonly num: number; readonly den: number };
    sendFrame(frame: object | null): Promise<number>;
    receivePacket(packet: object): Promise<number>;
  };
  readonly Frame: NodeAv['Frame'] & {
    fromVideoBuffer(
      pixels: Buffer,
      properties: { readonly width: number; readonly height: number; readonly format: number },
    ): InstanceType<NodeAv['Frame']> & { pts: bigint };
  };
}

/**
 * node-av, or undefined where it is not installed, which is a failure where RXDEPTH_NEED_VIDEO is set, as `.ci/run` does where it
 * could install it.
 */
export async function videoTools(): Promise<NodeAv | undefined> {
  try {
    createRequire(import.meta.url).resolve('node-av/lib');
  } catch (error) {
    if (process.env.RXDEPTH_NEED_VIDEO !== undefined) throw error;
    return undefined;
  }
  return await loadNodeAv();
}

/** A test where node-av is there, and one that is skipped elsewhere. */
export function whereVideo<T extends { readonly skip: unknown }>(
  test: T,
  av: NodeAv | undefined,
): T | T['skip'] {
  return av === undefined ? test.skip : test;
}

/** AV_PIX_FMT_*: their planes hold 8 bits a sample. */
const FORMATS = { yuv420p: 0, yuv444p: 5, rgb24: 2, gbrp: 71 } as const;

export interface Encoding {
  readonly encoder: 'libx264' | 'libx264rgb' | 'libx265';
  readonly format: keyof typeof FORMATS;
  readonly width: number;
  readonly height: number;
  /** Frames from one key frame to the next. */
  readonly group: number;
  readonly options?: Readonly<Record<string, string>>;
}

export interface EncodedPacket {
  /** Which of the pictures it holds. */
  readonly picture: number;
  readonly data: Uint8Array;
}

/** Encodes pictures, each the bytes of its planes one after the other, by FFmpeg's encoders. */
export async function encodeVideo(
  pictures: readonly Uint8Array[],
  encoding: Encoding,
): Promise<EncodedPacket[]> {
  const file = createRequire(import.meta.url).resolve('node-av/lib');
  // node-av is an optional peer, so that the compiler does not know it.
  const av = (await import(pathToFileURL(file).href)) as EncodingAv;
  const { width, height, group } = encoding;
  const format = FORMATS[encoding.format];
  const encoder = av.Codec.findEncoderByName(encoding.encoder);
  if (encoder === null) throw new Error(`node-av has no encoder ${encoding.encoder}`);
  const context = new av.CodecContext();
  context.allocContext3(encoder);
  Object.assign(context, {
    width,
    height,
    pixelFormat: format,
    gopSize: group,
    timeBase: { num: 1, den: 10 },
  });
  context.threadCount = 1;
  const quiet: Record<string, string> =
    encoding.encoder === 'libx265' ? { 'x265-params': 'log-level=none:lossless=1' } : {};
  const options = av.Dictionary.fromObject({ preset: 'veryfast', ...quiet, ...encoding.options });
  check(await context.open2(encoder, options));
  const packets: EncodedPacket[] = [];
  const packet = new av.Packet();
  packet.alloc();
  const drain = async () => {
    while ((await context.receivePacket(packet)) >= 0)
      packets.push({ picture: Number(packet.pts), data: Uint8Array.from(packet.data ?? []) });
  };
  // Kept to the end: a picture that was collected while its frame was encoded had other bytes at its beginning.
  const pixels = pictures.map((picture) => Buffer.from(picture));
  const frames = pixels.map((bytes) => av.Frame.fromVideoBuffer(bytes, { width, height, format }));
  for (const [index, frame] of frames.entries()) {
    frame.pts = BigInt(index);
    check(await context.sendFrame(frame));
    await drain();
  }
  await context.sendFrame(null);
  await drain();
  for (const frame of frames) frame.free();
  pixels.length = 0;
  packet.free();
  context.freeContext();
  return packets;
}

function check(code: number): void {
  if (code < 0) throw new Error(`FFmpeg: error ${code}`);
}

export const [VIDEO_WIDTH, VIDEO_HEIGHT] = [64, 48] as const;

/** Pictures that differ everywhere, rgb8. */
export function videoPictures(count: number): Uint8Array[] {
  return Array.from({ length: count }, (_, index) =>
    Uint8Array.from(
      { length: 3 * VIDEO_WIDTH * VIDEO_HEIGHT },
      (_, at) => (at * 7 + index * 13) ^ ((at >> 5) + index),
    ),
  );
}

/** How `losslessVideo` orders its frames. `reordered`: some are coded after frames that are shown later. */
export type Order = 'plain' | 'reordered';

/** By so much the numbers of a decoded picture may differ: x264 codes nothing out of order without loss. */
export function lossOf(codec: 'h264' | 'h265', order: Order): number {
  return codec === 'h264' && order === 'reordered' ? 3 : 0;
}

/** Pictures as H.264 or H.265: what is decoded has to equal them, but for `lossOf`. */
export async function exactVideo(
  pictures: readonly Uint8Array[],
  codec: 'h264' | 'h265',
  { group = 6, order = 'plain' }: { readonly group?: number; readonly order?: Order } = {},
): Promise<EncodedPacket[]> {
  const size = { width: VIDEO_WIDTH, height: VIDEO_HEIGHT, group };
  const plain: Record<string, string> = { tune: 'zerolatency' };
  if (codec === 'h264') {
    const reordered = { qp: '1', bf: '2', 'x264-params': 'b-adapt=0:scenecut=0:b-pyramid=normal' };
    return await encodeVideo(pictures, {
      ...{ encoder: 'libx264rgb', format: 'rgb24', ...size },
      options: order === 'plain' ? { ...plain, qp: '0' } : reordered,
    });
  }
  return await encodeVideo(pictures.map(inPlanes), {
    ...{ encoder: 'libx265', format: 'gbrp', ...size },
    options: order === 'plain' ? plain : {},
  });
}

/** Green, blue, red: as H.265 codes RGB. */
function inPlanes(rgb: Uint8Array): Uint8Array {
  const count = rgb.length / 3;
  return Uint8Array.from(
    { length: rgb.length },
    (_, at) => rgb[3 * (at % count) + ([1, 2, 0][Math.floor(at / count)] ?? 0)] ?? 0,
  );
}
