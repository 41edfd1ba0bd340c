/** What is used of node-av, an optional peer: FFmpeg's own functions, of which a negative number is an error. */
export interface NodeAv {
  readonly Codec: { findDecoder(id: number): object | null };
  readonly CodecContext: new () => AvCodecContext;
  readonly Packet: new () => AvPacket;
  readonly Frame: new () => AvFrame;
  readonly Filter: { getByName(name: string): object | null };
  readonly FilterGraph: new () => AvFilterGraph;
  readonly Dictionary: { fromObject(options: Readonly<Record<string, string>>): object };
  readonly FFmpegError: { strerror(code: number): string };
  readonly Log: { setLevel(level: number): void };
}

export interface AvCodecContext {
  threadCount: number;
  allocContext3(codec: object): void;
  open2(codec: object, options: object): Promise<number>;
  /** Without a packet: nothing follows. */
  sendPacket(packet: AvPacket | null): Promise<number>;
  receiveFrame(frame: AvFrame): Promise<number>;
  flushBuffers(): void;
  freeContext(): void;
}

export interface AvPacket {
  data: Buffer | null;
  pts: bigint;
  dts: bigint;
  alloc(): void;
  free(): void;
}

export interface AvFrame {
  readonly width: number;
  readonly height: number;
  readonly format: number;
  readonly colorSpace: number;
  readonly colorRange: number;
  readonly pts: bigint;
  readonly flags: number;
  readonly decodeErrorFlags: number;
  readonly linesize: readonly number[];
  /** Views of the frame's memory. */
  readonly data: readonly Buffer[] | null;
  alloc(): void;
  free(): void;
  unref(): void;
  /** A copy of the planes, without padding. */
  toBuffer(): Buffer;
}

export interface AvFilterGraph {
  nbThreads: number;
  alloc(): void;
  createFilter(filter: object, name: string, options: string | null): AvFilter | null;
  config(): Promise<number>;
  free(): void;
}

export interface AvFilter {
  link(from: number, to: AvFilter, at: number): number;
  buffersrcAddFrame(frame: AvFrame): Promise<number>;
  buffersinkGetFrame(frame: AvFrame): Promise<number>;
}
